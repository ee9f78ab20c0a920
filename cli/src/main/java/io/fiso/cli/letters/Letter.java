// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import io.fiso.proto.stream.v1.OriginalRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as people deal with it. A source that crashed before it committed may have stored it more than once; the last of them says how it stands,
 * since that attempt went over every path again.
 *
 * @param id short, and the same for every copy of it
 * @param store where it lies
 * @param copies every copy that nothing has become of, or that the same became of; the newest last
 * @param note what became of it; null if nothing did
 */
public record Letter(
        String id,
        LetterStore store,
        List<StoredLetter> copies,
        @Nullable Note note) {
    private static final int ID_DIGITS = 10;

    public Letter {
        copies = List.copyOf(copies);
    }

    /** What makes two letters copies of one: the record that the source had read. */
    static String identity(StoredLetter letter) {
        OriginalRecord original = letter.original();
        byte[] text = String.join(
                        "\n",
                        letter.source(),
                        original.getOrigin(),
                        Integer.toString(original.getPartition()),
                        Long.toString(original.getOffset()),
                        Long.toString(original.getTimestampMillis()),
                        letter.eventId())
                .getBytes(StandardCharsets.UTF_8);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(hash).substring(0, ID_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The copy that says how it stands. */
    public StoredLetter newest() {
        return copies.getLast();
    }

    public Note.State state() {
        return note == null ? Note.State.OPEN : note.state();
    }

    private @Nullable Note again() {
        return state() == Note.State.FAILED_AGAIN ? note : null;
    }

    /** Why it failed: the last time, if it was replayed since. */
    public String code() {
        Note again = again();
        return again == null ? newest().code() : again.code();
    }

    public String message() {
        Note again = again();
        return again == null ? newest().message() : again.message();
    }

    public int attempts() {
        Note again = again();
        return again == null ? newest().attempts() : again.attempts();
    }

    /** The components that lack it: whom a replay is meant for. */
    public String component() {
        Note again = again();
        return again == null ? newest().component() : again.component();
    }

    public Instant failedAt() {
        Note again = again();
        return again == null ? newest().failedAt() : again.at();
    }

    /** The record, with all that is in it, wherever it lies. */
    public OriginalRecord load() throws IOException, InterruptedException {
        StoredLetter whole = newest().whole() ? newest() : store.load(newest().place());
        return whole.spillFile().isEmpty()
                ? whole.original()
                : FileLetterStore.spilled(Path.of(whole.spillFile()), whole);
    }

    /** This became of every copy of it. */
    public List<Note> notes(Note.State state, Instant at) {
        return copies.stream()
                .map(copy -> Note.resolved(copy.place(), state, at))
                .toList();
    }

    /** It was replayed, and failed again. */
    public List<Note> failedAgain(Instant at, String newCode, String newMessage, int newAttempts, String newComponent) {
        return copies.stream()
                .map(copy -> new Note(
                        copy.place(), Note.State.FAILED_AGAIN, at, newCode, newMessage, newAttempts, newComponent))
                .toList();
    }
}
