// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;

/**
 * Brings events outside, one at a time.
 *
 * <ol>
 *   <li><b>Count:</b> {@link #open} once, then {@link #deliver} once per attempt of each event, then {@link #close} once, also after a failed
 *       {@code open}. No two attempts of an event at once. An event may come again after a crash, with the same {@code source} and {@code id}
 *       (guarantee D5), unless the pipeline says {@code deduplicate}.
 *   <li><b>Order:</b> events of one order key one after the other, in order, through retries (guarantee D2); of what may run, what arrived first
 *       goes first. With {@code ordering: none} no order.
 *   <li><b>Threads:</b> those of different keys at once, up to {@code parallelism}, each on a virtual thread. {@code deliver} must be
 *       thread-safe.
 *   <li><b>Blocking:</b> {@code deliver} may block up to the call timeout (30 s), after which it is interrupted and the attempt counts as a timeout
 *       ({@code TIMEOUT}, transient). If it has not ended after the same time again, the component fails and is restarted: only that ends
 *       the call for sure, and nothing may outlive its retry.
 *   <li><b>Success:</b> returning means the outside has the event; only then is it settled.
 *   <li><b>Failure:</b> an exception fails the attempt: a {@link DeliveryException} says itself whether trying again may help; any other counts as
 *       unknown, and is retried. Only the event's key waits. When attempts are spent the pipeline's {@code onFailure} decides; by default the
 *       event becomes a dead letter. Transient failures of five different events in a row are taken for an outage: then one probe at a time
 *       is sent, and no attempts are spent.
 * </ol>
 */
@FunctionalInterface
public interface EventSink extends AutoCloseable {
    /** Reads the config and acquires resources. Failing here fails the start. */
    default void open(ComponentContext context) throws Exception {}

    /** Delivers one event. */
    void deliver(CloudEvent event) throws Exception;

    @Override
    default void close() throws Exception {}
}
