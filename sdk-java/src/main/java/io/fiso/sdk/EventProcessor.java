// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;

/**
 * Turns an event into none, one or several.
 *
 * <ol>
 *   <li>{@link #open} once, then {@link #process} once per attempt of each event, then {@link #close} once, also after a failed {@code open}.
 *   <li>Events of one order key arrive one after the other, in order (guarantee D2). With {@code parallelism: 1}, the default, that holds for all
 *       events; with more, {@code process} is called for several keys at once and must be thread-safe.
 *   <li>{@code process} may block; nothing but this component waits for it.
 *   <li>What was emitted counts only if {@code process} returns: after an exception none of it leaves.
 *   <li>Emitting nothing filters the event. The input is settled when every output is.
 *   <li>An exception fails the event: a {@link DeliveryException} says itself whether trying again may help, any other is taken as
 *       {@code TRANSFORM_FAILED}, for good. A failed event becomes a dead letter; the events behind it flow.
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
