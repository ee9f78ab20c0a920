// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;

/** A place where dead letters lie. */
public sealed interface LetterStore extends AutoCloseable permits BrokerLetterStore, FileLetterStore, KafkaLetterStore {
    /** What people should look for: {@code topic fiso-dlq-orders}. */
    String description();

    /** Every letter that is there now, in the order of the store. */
    void read(Consumer<StoredLetter> reader) throws IOException, InterruptedException;

    /** A letter again, with all that is in it. */
    StoredLetter load(String place) throws IOException, InterruptedException;

    /** The last note of each place. */
    Map<String, Note> notes() throws IOException, InterruptedException;

    /**
     * Allows notes to be written; nobody else may meanwhile who works on the same pipeline's directory.
     *
     * @throws BusyException if somebody else is at it
     */
    void openNotes() throws IOException, InterruptedException;

    /** Writes notes; they are durable when it returns. For any thread, after {@link #openNotes}. */
    void write(Collection<Note> notes) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;

    /** Somebody else replays or discards letters of the same store. */
    final class BusyException extends IOException {
        private static final long serialVersionUID = 1;

        BusyException(String message) {
            super(message);
        }
    }
}
