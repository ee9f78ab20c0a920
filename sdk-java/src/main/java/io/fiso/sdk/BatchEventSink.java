// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;
import java.util.List;

/**
 * Brings events outside, many at a time.
 *
 * <ol>
 *   <li><b>Count and threads:</b> {@link #open} once, then {@link #deliver} for one batch after the other on one thread, then {@link #close} once.
 *   <li><b>Blocking:</b> {@code deliver} may block up to the call timeout (30 s), and is interrupted then, under the rules of {@link EventSink}.
 *   <li><b>Order:</b> batches carry what is there, at least one event and at most 1 024, in the order of arrival; a slow sink gets larger ones.
 *       An event that must be tried again holds back those of its key, not the others.
 *   <li><b>Success:</b> returning means the outside has every event of the batch that was not reported to {@code outcome}.
 *   <li><b>Failure:</b> an exception fails the attempt for every event not yet reported, under the rules of {@link EventSink}. Unless it is
 *       transient these events come again one by one, in batches of one, so that the one to blame takes no others with it.
 * </ol>
 */
@FunctionalInterface
public interface BatchEventSink extends AutoCloseable {
    /** Reads the config and acquires resources. Failing here fails the start. */
    default void open(ComponentContext context) throws Exception {}

    /** Delivers a batch. */
    void deliver(List<CloudEvent> events, Outcome outcome) throws Exception;

    @Override
    default void close() throws Exception {}

    /** What became of single events of a batch. */
    interface Outcome {
        /** This event's attempt failed; later events of the same order key must not have been delivered. */
        void failed(int index, DeliveryException reason);

        /** The order key of an event, as it was placed upstream; empty if it has none. */
        byte[] orderKey(int index);
    }
}
