// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.util.List;

/** Where a source writes what its pipeline gave up on (guarantee D7). */
public interface DeadLetterStore extends AutoCloseable {
    /**
     * Writes these letters durably, in order; returns when all are safe. Called on one thread, never concurrently; may block up to 30 s. If it
     * throws, nothing is taken as written: the letters are held and written again later, and status says why.
     *
     * @throws TooLargeException if the store will never take one of them; that one goes to the local spill file,
     *     and a letter without key and value comes in its place, whose header {@code fiso-spill-file} names the file
     */
    void write(List<DeadLetter> letters) throws Exception;

    /** What people should look for: {@code topic fiso-dlq-orders}. */
    String description();

    @Override
    default void close() throws Exception {}

    /** The store refuses a letter for good. */
    final class TooLargeException extends Exception {
        private static final long serialVersionUID = 1;
        private final int index;

        public TooLargeException(int index, String message) {
            super(message);
            this.index = index;
        }

        /** The index of the refused letter in the list; those before it were written. */
        public int index() {
            return index;
        }
    }
}
