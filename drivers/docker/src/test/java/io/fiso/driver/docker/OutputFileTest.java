// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OutputFileTest {
    private static final Instant FIRST = Instant.parse("2026-06-01T00:00:00.000000001Z");

    @TempDir
    Path directory;

    private Path file;
    private Path cursor;

    @BeforeEach
    void name() {
        file = directory.resolve("c-0.log");
        cursor = Cursor.path(file, "0123456789abcdef");
    }

    /** One entry of the engine's. */
    private record Entry(Instant timestamp, String text) {}

    private void follow(long fileMaxBytes, Entry... entries) throws Exception {
        try (Cursor taken = Cursor.take(cursor, List.of(file)).orElseThrow();
                OutputFile output = new OutputFile(file, taken, 0, fileMaxBytes)) {
            for (Entry entry : entries) {
                output.accept(entry.timestamp(), ByteBuffer.wrap(entry.text().getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private void append(String text) throws Exception {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static Entry entry(long nanos, String text) {
        return new Entry(FIRST.plusNanos(nanos), text);
    }

    @Test
    void goesOnWhereThePredecessorStopped() throws Exception {
        follow(1_000, entry(0, "a\n"), entry(1, "b\n"));

        follow(1_000, entry(0, "a\n"), entry(1, "b\n"), entry(2, "c\n"));

        assertThat(file).hasContent("a\nb\nc\n");
    }

    @Test
    void tellsEntriesOfOneInstantApartByTheirNumber() throws Exception {
        follow(1_000, entry(0, "a\n"), entry(1, "b\n"), entry(1, "b\n"));

        follow(1_000, entry(1, "b\n"), entry(1, "b\n"), entry(1, "b\n"), entry(1, "c\n"));

        assertThat(file).hasContent("a\nb\nb\nb\nc\n");
    }

    @Test
    void writesNothingAgainThatAKilledPredecessorDidNotRecord() throws Exception {
        follow(1_000, entry(0, "a\n"));
        append("b\n");
        append("torn in the mi");

        follow(1_000, entry(0, "a\n"), entry(1, "b\n"), entry(2, "torn in the middle\n"), entry(3, "d\n"));

        assertThat(file).hasContent("a\nb\ntorn in the middle\nd\n");
        follow(1_000, entry(3, "d\n"), entry(4, "e\n"));
        assertThat(file).hasContent("a\nb\ntorn in the middle\nd\ne\n");
    }

    @Test
    void leavesAloneWhatOthersWroteBeyondTheCursor() throws Exception {
        follow(1_000, entry(0, "a\n"));
        append("of another instance\n");

        follow(1_000, entry(0, "a\n"), entry(1, "b\n"));

        assertThat(file).hasContent("a\nof another instance\nb\n");
    }

    @Test
    void losesNothingWhenTheClockIsSetBackWhileItFollows() throws Exception {
        follow(1_000, entry(5, "a\n"), entry(1, "b\n"));

        assertThat(file).hasContent("a\nb\n");
    }

    @Test
    void rotatesBetweenEntriesAndKeepsTenFiles() throws Exception {
        Entry[] entries = new Entry[12];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(i, "entry %02d\n".formatted(i));
        }

        follow(9, entries);
        follow(9, entry(11, "entry 11\n"), entry(12, "entry 12\n"));

        assertThat(file).hasContent("entry 12\n");
        assertThat(directory.resolve("c-0.log.1")).hasContent("entry 11\n");
        assertThat(directory.resolve("c-0.log.9")).hasContent("entry 03\n");
        assertThat(directory.resolve("c-0.log.10")).doesNotExist();
    }

    @Test
    void oneAtATimeWrites() throws Exception {
        try (Cursor first = Cursor.take(cursor, List.of(file)).orElseThrow()) {
            assertThat(first.read(0)).isEqualTo(Position.start(0));
            assertThat(Cursor.take(cursor, List.of(file))).isEmpty();
        }
        try (Cursor next = Cursor.take(cursor, List.of(file)).orElseThrow()) {
            assertThat(next.read(0)).isEqualTo(Position.start(0));
        }
    }
}
