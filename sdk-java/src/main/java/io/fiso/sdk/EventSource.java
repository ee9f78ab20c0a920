// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.MalformedEventException;

/**
 * Takes events from outside.
 *
 * <ol>
 *   <li><b>Count and threads:</b> {@link #open} is called once, before anything else; then {@link #run} once, on a virtual thread of its own; then
 *       {@link #close} once, also after a failed {@code open}. No two of them overlap.
 *   <li><b>Blocking:</b> {@code run} may block. It returns when the input has ended (a bounded run can then complete), or soon after
 *       {@link SourceContext#stopping()} turned true. The thread is interrupted when the grace of a stop is spent.
 *   <li><b>Failure:</b> an exception out of {@code run} ends the process with that reason; nothing it emitted is lost: unsettled positions are
 *       not committed, and the next start reads them again.
 *   <li><b>Order:</b> the order of emitting is the order of a partition, and of a key within it (guarantee D2).
 *   <li>An event id must not change when the same position is read again (guarantee D6).
 *   <li>{@link #restore} may be called while {@code run} does its work, by several threads at once.
 * </ol>
 */
public interface EventSource extends AutoCloseable {
    /** Reads the config and acquires resources. Failing here fails the start, with the exception's message as the reason. */
    default void open(SourceContext context) throws Exception {}

    /** Emits until the input ends or the context is stopping. */
    void run(SourceContext context) throws Exception;

    /**
     * Makes the event of a record again, out of a dead letter: with the id, the order key and the data that it had when it was read (guarantee
     * D6). Sources that hand in no raw records need not override it: their dead letters hold the event itself, in JSON format. A record that
     * still is no event is answered with a {@linkplain SourceEvent#failed failure}.
     *
     * @throws IllegalStateException if this source cannot know yet, since it has not reached its outside; asked again later
     */
    default SourceEvent restore(OriginalRecord original) {
        byte[] key = original.key();
        byte[] orderKey = key == null ? new byte[0] : key;
        byte[] value = original.value();
        try {
            if (value == null) {
                throw new MalformedEventException("it is empty");
            }
            return SourceEvent.of(JsonFormat.decode(value), original.origin(), original.offset(), orderKey, original);
        } catch (MalformedEventException e) {
            return SourceEvent.failed(
                    DeliveryException.permanent(
                            "CLOUDEVENT_WRAP_FAILED", "the stored event cannot be read: " + e.getMessage()),
                    original.origin(),
                    original.offset(),
                    orderKey,
                    original);
        }
    }

    /** Releases what {@link #open} acquired; idempotent, and safe after half an {@code open}. */
    @Override
    default void close() throws Exception {}
}
