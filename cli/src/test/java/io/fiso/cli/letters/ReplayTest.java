// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.proto.stream.v1.Failure;
import io.fiso.proto.stream.v1.Fate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Letters of a file store on their way back into a pipeline. */
@Timeout(300)
class ReplayTest {
    private static final Predicate<Letter> OPEN = letter -> !letter.state().resolved();
    private static final Replay.Outcome ARRIVED = new Replay.Outcome(Fate.FATE_DELIVERED, null);

    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void makeStore() throws IOException {
        store = Files.createFile(directory.resolve("orders.jsonl"));
    }

    @Test
    void replaysEachKeyInTheOrderOfItsRecordsAndNotesIt() throws Exception {
        append(3, "a", "sink");
        append(1, "a", "sink");
        append(2, "b", "sink");
        List<Long> given = new ArrayList<>();

        Replay.Summary summary = replay((letter, original) -> {
            synchronized (given) {
                given.add(original.getOffset());
            }
            return ARRIVED;
        });

        assertThat(summary.replayed()).isEqualTo(3);
        assertThat(given).containsSubsequence(1L, 3L).contains(2L);
        assertThat(read(OPEN)).isEmpty();
        assertThat(read(_ -> true)).extracting(Letter::state).containsOnly(Note.State.REPLAYED);
    }

    @Test
    void holdsTheLaterLettersOfAKeyThatFailedAgain() throws Exception {
        append(1, "a", "left,right");
        append(2, "a", "left");
        append(3, "b", "left");

        Replay.Summary summary = replay((letter, original) -> original.getOffset() == 1
                ? new Replay.Outcome(
                        Fate.FATE_FAILED,
                        Failure.newBuilder()
                                .setCode("404")
                                .setMessage("gone")
                                .setComponent("right")
                                .setAttempts(2)
                                .build())
                : ARRIVED);

        assertThat(summary.replayed()).isEqualTo(1);
        assertThat(summary.heldBack()).hasSize(1);
        List<Letter> open = read(OPEN);
        assertThat(open).hasSize(2);
        Letter again = open.stream()
                .filter(letter -> letter.state() == Note.State.FAILED_AGAIN)
                .findFirst()
                .orElseThrow();
        assertThat(again.code()).isEqualTo("404");
        assertThat(again.attempts()).isEqualTo(2);
        assertThat(again.component()).as("only whoever lacks it still").isEqualTo("right");
    }

    @Test
    void keepsALetterThatThePipelineWillNotTake() throws Exception {
        append(1, "a", "gone");

        Replay.Summary summary = replay((letter, original) -> {
            throw new Replay.RefusedException("there is no component \"gone\" any more");
        });

        assertThat(summary.failed()).extracting(Replay.Failed::code).containsExactly("REFUSED");
        assertThat(read(OPEN)).hasSize(1);
    }

    @Test
    void replaysDifferentKeysAtOnceButNoMoreThanTheBound() throws Exception {
        for (int n = 0; n < 8; n++) {
            append(n, "key-" + n, "sink");
        }
        AtomicInteger running = new AtomicInteger();
        Set<Integer> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch three = new CountDownLatch(3);

        replay((letter, original) -> {
            seen.add(running.incrementAndGet());
            three.countDown();
            three.await(120, TimeUnit.SECONDS);
            running.decrementAndGet();
            return ARRIVED;
        });

        assertThat(seen).contains(3).allMatch(count -> count <= 3);
    }

    @Test
    void beginsNoFurtherLetterWhenItIsStopped() throws Exception {
        for (int n = 0; n < 5; n++) {
            append(n, "a", "sink");
        }
        AtomicInteger given = new AtomicInteger();

        Replay.Summary summary = replay(
                (letter, original) -> {
                    given.incrementAndGet();
                    return ARRIVED;
                },
                () -> given.get() == 2);

        assertThat(summary.replayed()).isEqualTo(2);
        assertThat(summary.notStarted()).isEqualTo(3);
        assertThat(read(OPEN)).hasSize(3);
    }

    @Test
    void showsCopiesAsOneLetterAndResolvesThemTogether() throws Exception {
        append(1, "a", "left", "2026-01-31T10:00:00Z");
        append(1, "a", "right", "2026-01-31T10:05:00Z");

        List<Letter> open = read(OPEN);
        assertThat(open).extracting(Letter::component).containsExactly("right");
        replay((letter, original) -> ARRIVED);

        assertThat(read(OPEN)).isEmpty();
        append(1, "a", "left", "2026-01-31T11:00:00Z");
        assertThat(read(OPEN))
                .as("the same record failed anew")
                .extracting(Letter::component)
                .containsExactly("left");
    }

    @Test
    void leavesOutLinesThatAreNotWholeInStoreAndJournal() throws Exception {
        append(1, "a", "sink");
        append(2, "a", "sink");
        Files.writeString(
                store, "{\"eventId\": \"half", StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.APPEND);
        replay(
                (letter, original) -> ARRIVED,
                () -> !read(letter -> letter.state().resolved()).isEmpty());
        Path journal = directory.resolve("orders.resolved.jsonl");
        String whole = Files.readString(journal);
        Files.writeString(journal, whole + "{\"place\": \"");

        assertThat(read(OPEN)).hasSize(1);
        replay((letter, original) -> ARRIVED);

        assertThat(read(OPEN)).isEmpty();
        assertThat(Files.readString(journal)).startsWith(whole).doesNotContain("\"place\": \"{");
    }

    @Test
    void letsNobodyElseReplayMeanwhile() throws Exception {
        append(1, "a", "sink");
        try (FileLetterStore mine = FileLetterStore.in(directory).getFirst()) {
            mine.openNotes();

            try (FileLetterStore other = FileLetterStore.in(directory).getFirst()) {
                assertThatThrownBy(other::openNotes)
                        .isInstanceOf(LetterStore.BusyException.class)
                        .hasMessageContaining("another fisoctl");
            }
        }
    }

    private Replay.Summary replay(Replay.Way way) throws Exception {
        return replay(way, () -> false);
    }

    private Replay.Summary replay(Replay.Way way, java.util.function.BooleanSupplier stop) throws Exception {
        try (FileLetterStore opened = FileLetterStore.in(directory).getFirst()) {
            opened.openNotes();
            return new Replay(way, Clock.systemUTC(), 3, stop).run(Letters.read(List.of(opened), OPEN));
        }
    }

    private List<Letter> read(Predicate<Letter> choice) {
        try {
            return Letters.read(FileLetterStore.in(directory), choice);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void append(long offset, String key, String component) throws IOException {
        append(
                offset,
                key,
                component,
                Instant.parse("2026-01-31T10:00:00Z").plusSeconds(offset).toString());
    }

    private void append(long offset, String key, String component, String failedAt) throws IOException {
        String line = """
                {"eventId": "e-%d", "headers": {"fiso-original-topic": "orders", "fiso-error-code": "503", "fiso-failed-component": "%s",\
                 "fiso-failed-at": "%s", "fiso-retry-count": "2"}, "partition": 0, "offset": %d, "timestamp": -1, "key": "%s",\
                 "value": "e30=", "originalHeaders": []}
                """.formatted(
                        offset,
                        component,
                        failedAt,
                        offset,
                        Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8)));
        Files.writeString(store, line, StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.APPEND);
    }
}
