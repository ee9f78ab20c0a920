// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

/**
 * Takes events from outside.
 *
 * <ol>
 *   <li>{@link #open} is called once, before anything else; then {@link #run} once, on a virtual thread of its own; then
 *       {@link #close} once, also after a failed {@code open}. No two of them overlap.
 *   <li>{@code run} may block. It returns when the input has ended (a bounded run can then complete), or soon after
 *       {@link SourceContext#stopping()} turned true. The thread is interrupted when the grace of a stop is spent.
 *   <li>An exception out of {@code run} ends the process with that reason; nothing it emitted is lost: unsettled positions are
 *       not committed, and the next start reads them again.
 *   <li>An event id must not change when the same position is read again (guarantee D6).
 * </ol>
 */
public interface EventSource extends AutoCloseable {
    /** Reads the config and acquires resources. Failing here fails the start, with the exception's message as the reason. */
    default void open(SourceContext context) throws Exception {}

    /** Emits until the input ends or the context is stopping. */
    void run(SourceContext context) throws Exception;

    /** Releases what {@link #open} acquired; idempotent, and safe after half an {@code open}. */
    @Override
    default void close() throws Exception {}
}
