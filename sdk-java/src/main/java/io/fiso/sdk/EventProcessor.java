// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;

/**
 * Turns an event into none, one or several.
 *
 * <ol>
 *   <li><b>Count:</b> {@link #open} once, then {@link #process} once per attempt of each event, then {@link #close} once, also after a failed
 *       {@code open}. No two attempts of an event at once.
 *   <li><b>Order and threads:</b> events of one order key arrive one after the other, in order (guarantee D2). With {@code parallelism: 1}, the default, that holds for all
 *       events; with more, {@code process} is called for several keys at once and must be thread-safe.
 *   <li><b>Blocking:</b> {@code process} may block; nothing but this component waits for it. With more parallelism it is interrupted after the call
 *       timeout.
 *   <li><b>Success:</b> what was emitted counts only if {@code process} returns: after an exception none of it leaves.
 *   <li>Emitting nothing filters the event. The input is settled when every output is.
 *   <li><b>Failure:</b> an exception fails the attempt: a {@link DeliveryException} says itself whether trying again may help, any other is taken as
 *       {@code TRANSFORM_FAILED}, for good. When attempts are spent the pipeline's {@code onFailure} decides; by default the event becomes a dead letter and the events
 *       behind it flow.
 * </ol>
 */
@FunctionalInterface
public interface EventProcessor extends AutoCloseable {
    /** Reads the config and acquires resources. Failing here fails the start. */
    default void open(ComponentContext context) throws Exception {}

    /** Handles one event. */
    void process(CloudEvent event, Emitter out) throws Exception;

    @Override
    default void close() throws Exception {}
}
