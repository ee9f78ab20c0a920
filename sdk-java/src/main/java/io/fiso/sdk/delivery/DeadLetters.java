// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Failed source events on their way to the dead letter store: their positions settle when the store has them, not before (D7). */
final class DeadLetters {
    private static final int BATCH_MAX = 256;
    private static final long RETRY_FIRST_NANOS = Duration.ofMillis(200).toNanos();
    private static final long RETRY_LAST_NANOS = Duration.ofSeconds(10).toNanos();

    private final Effects effects;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final List<Waiting> out = new ArrayList<>();
    private long retryAtNanos = Long.MIN_VALUE;
    private long backoffNanos = RETRY_FIRST_NANOS;
    private long written;
    private String problem = "";

    private record Waiting(SourcePartition partition, long entry) {}

    DeadLetters(Effects effects) {
        this.effects = effects;
    }

    void add(SourcePartition partition, long entry) {
        waiting.add(new Waiting(partition, entry));
    }

    void pump(long now) {
        if (!out.isEmpty() || waiting.isEmpty() || now < retryAtNanos) {
            return;
        }
        List<FailedEvent> letters = new ArrayList<>();
        while (out.size() < BATCH_MAX && !waiting.isEmpty()) {
            Waiting next = waiting.poll();
            if (!next.partition.retired()) {
                out.add(next);
                letters.add(next.partition.failed(next.entry));
            }
        }
        if (!letters.isEmpty()) {
            effects.writeDeadLetters(List.copyOf(letters));
        }
    }

    void written() {
        written += out.size();
        for (Waiting done : out) {
            if (!done.partition.retired()) {
                done.partition.settle(done.entry);
            }
        }
        out.clear();
        problem = "";
        backoffNanos = RETRY_FIRST_NANOS;
        retryAtNanos = Long.MIN_VALUE;
    }

    void refused(String reason, long now) {
        for (int i = out.size() - 1; i >= 0; i--) {
            waiting.addFirst(out.get(i));
        }
        out.clear();
        problem = reason;
        retryAtNanos = now + backoffNanos;
        backoffNanos = Math.min(backoffNanos * 2, RETRY_LAST_NANOS);
    }

    long wakeAtNanos() {
        return waiting.isEmpty() || !out.isEmpty() ? Long.MAX_VALUE : retryAtNanos;
    }

    /** How many letters wait to be written. */
    int remembered() {
        return waiting.size() + out.size();
    }

    long writtenInAll() {
        return written;
    }

    String holding() {
        return problem.isEmpty() ? "" : "dead letters cannot be written: " + problem;
    }
}
