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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as people deal with it. A source that crashed before it committed may have stored it more than once; the last of them says how it stands,
 * since that attempt went over every path again.
 *
 * @param id short, and the same for every copy of it
 * @param copies every copy that nothing has become of, or that the same became of, in whatever store of the pipeline; the newest last
 * @param note what became of it; null if nothing did
 */
public record Letter(String id, List<Copy> copies, @Nullable Note note) {
    private static final int ID_DIGITS = 10;

    /** One of them, and where it lies. */
    record Copy(LetterStore store, StoredLetter letter) {
        Copy withoutContent() {
            return new Copy(store, letter.withoutContent());
        }
    }

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
        return copies.getLast().letter();
    }

    /** Where that copy lies. */
    public LetterStore store() {
        return copies.getLast().store();
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
        StoredLetter whole = newest().whole() ? newest() : store().load(newest().place());
        return whole.spillFile().isEmpty()
                ? whole.original()
                : FileLetterStore.spilled(Path.of(whole.spillFile()), whole);
    }

    /** Notes that this became of every copy of it; durable when it returns. */
    public void note(Note.State state, Instant at) throws IOException, InterruptedException {
        write(copy -> Note.resolved(copy.place(), state, at));
    }

    /** Notes that it was replayed and failed again; durable when it returns. */
    public void noteFailedAgain(Instant at, String newCode, String newMessage, int newAttempts, String newComponent)
            throws IOException, InterruptedException {
        write(copy ->
                new Note(copy.place(), Note.State.FAILED_AGAIN, at, newCode, newMessage, newAttempts, newComponent));
    }

    private void write(Function<StoredLetter, Note> note) throws IOException, InterruptedException {
        Map<LetterStore, List<Note>> notes = new LinkedHashMap<>();
        for (Copy copy : copies) {
            notes.computeIfAbsent(copy.store(), _ -> new ArrayList<>()).add(note.apply(copy.letter()));
        }
        for (Map.Entry<LetterStore, List<Note>> one : notes.entrySet()) {
            one.getKey().write(one.getValue());
        }
    }
}
