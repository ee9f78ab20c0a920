// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import io.fiso.proto.stream.v1.Failure;
import io.fiso.proto.stream.v1.Fate;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives letters in again: those of one order key one after the other, as their records lay; those of different keys at once, within a bound. A
 * letter is noted as replayed when it is settled, and the next of its key goes when that is durable: whatever interrupts a replay, a
 * repeated one does again at most what was in flight, with the same ids. A letter that fails again holds those behind it of its key.
 */
public final class Replay {
    private static final Comparator<Letter> BY_PLACE = Comparator.comparing(
                    (Letter letter) -> letter.newest().original().getOrigin())
            .thenComparingInt(letter -> letter.newest().original().getPartition())
            .thenComparingLong(letter -> letter.newest().original().getOffset());

    /** What became of one letter that was given in. */
    public record Outcome(Fate fate, @Nullable Failure failure) {}

    /** The way into the pipeline. */
    @FunctionalInterface
    public interface Way {
        /**
         * Blocks until it is settled.
         *
         * @throws RefusedException if the pipeline will not take this letter
         */
        Outcome inject(Letter letter, OriginalRecord original) throws RefusedException, InterruptedException;
    }

    /** The pipeline will not take a letter: its target is gone, for example. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        public RefusedException(String message) {
            super(message);
        }
    }

    /**
     * A letter that did not get through.
     *
     * @param code the new error code
     * @param message what went wrong this time
     * @param component whoever gave up this time
     */
    public record Failed(Letter letter, String code, String message, String component) {}

    /**
     * How it went.
     *
     * @param replayed letters that arrived
     * @param failed letters that did not
     * @param heldBack letters that wait behind one that failed
     * @param notStarted letters that the replay did not come to
     */
    public record Summary(int replayed, List<Failed> failed, List<Letter> heldBack, int notStarted) {}

    private final Way way;
    private final Clock clock;
    private final Semaphore permits;
    private final BooleanSupplier stopRequested;
    private final AtomicInteger replayed = new AtomicInteger();
    private final AtomicInteger notStarted = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final List<Failed> failed = new ArrayList<>();
    private final List<Letter> heldBack = new ArrayList<>();

    /**
     * @param keysAtOnce how many order keys go at once
     * @param stopRequested whether to begin no further letter
     */
    public Replay(Way way, Clock clock, int keysAtOnce, BooleanSupplier stopRequested) {
        this.way = way;
        this.clock = clock;
        this.permits = new Semaphore(keysAtOnce);
        this.stopRequested = stopRequested;
    }

    /** How many letters have arrived so far. For any thread. */
    public int replayedSoFar() {
        return replayed.get();
    }

    /** The letters in the order in which those of each key go. */
    public static Collection<List<Letter>> plan(List<Letter> letters) throws IOException, InterruptedException {
        Map<String, List<Letter>> byKey = new LinkedHashMap<>();
        List<Letter> ordered = new ArrayList<>(letters);
        ordered.sort(BY_PLACE);
        for (Letter letter : ordered) {
            byKey.computeIfAbsent(orderKey(letter), _ -> new ArrayList<>()).add(letter);
        }
        return byKey.values();
    }

    /** By key; records without one keep the order of their partition. */
    private static String orderKey(Letter letter) throws InterruptedException {
        StoredLetter newest = letter.newest();
        OriginalRecord original = newest.original();
        if (!newest.spillFile().isEmpty()) {
            try {
                original = letter.load();
            } catch (IOException _) {
                // It will fail when its turn comes, and that is told then.
            }
        }
        return original.hasKey()
                ? newest.source() + "\nkey\n" + original.getKey().toString(java.nio.charset.StandardCharsets.ISO_8859_1)
                : newest.source() + "\npartition\n" + original.getOrigin() + "\n" + original.getPartition();
    }

    /**
     * Replays them all.
     *
     * @throws IOException if a store fails; what has been noted by then stays noted
     */
    public Summary run(List<Letter> letters) throws IOException, InterruptedException {
        List<Thread> lanes = new ArrayList<>();
        for (List<Letter> lane : plan(letters)) {
            permits.acquire();
            lanes.add(Thread.ofVirtual().name("replay").start(() -> {
                try {
                    replay(lane);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                } catch (IOException | RuntimeException e) {
                    broken.compareAndSet(null, e);
                } finally {
                    permits.release();
                }
            }));
        }
        for (Thread lane : lanes) {
            lane.join();
        }
        switch (broken.get()) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> {}
        }
        synchronized (this) {
            return new Summary(replayed.get(), List.copyOf(failed), List.copyOf(heldBack), notStarted.get());
        }
    }

    private void replay(List<Letter> lane) throws IOException, InterruptedException {
        for (int i = 0; i < lane.size(); i++) {
            if (stopRequested.getAsBoolean() || broken.get() != null) {
                notStarted.addAndGet(lane.size() - i);
                return;
            }
            Failed failure = replay(lane.get(i));
            if (failure != null) {
                synchronized (this) {
                    failed.add(failure);
                    heldBack.addAll(lane.subList(i + 1, lane.size()));
                }
                return;
            }
            replayed.incrementAndGet();
        }
    }

    /** Null if it arrived. */
    private @Nullable Failed replay(Letter letter) throws IOException, InterruptedException {
        OriginalRecord original;
        try {
            original = letter.load();
        } catch (IOException e) {
            return new Failed(letter, "UNREADABLE", String.valueOf(e.getMessage()), "");
        }
        Outcome outcome;
        try {
            outcome = way.inject(letter, original);
        } catch (RefusedException e) {
            return new Failed(letter, "REFUSED", String.valueOf(e.getMessage()), letter.component());
        }
        Failure failure = outcome.failure();
        if (outcome.fate() != Fate.FATE_FAILED) {
            letter.note(Note.State.REPLAYED, clock.instant());
            return null;
        }
        String code = failure == null ? "UNKNOWN" : failure.getCode();
        String message = failure == null ? "no reason was given" : failure.getMessage();
        String component =
                failure == null || failure.getComponent().isEmpty() ? letter.component() : failure.getComponent();
        letter.noteFailedAgain(clock.instant(), code, message, failure == null ? 1 : failure.getAttempts(), component);
        return new Failed(letter, code, message, component);
    }
}
