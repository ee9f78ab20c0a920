// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Events in batches, in the order of arrival, one batch out at a time. A key whose event must be tried again is held back as a whole. After a
 * batch failed as a whole, with the outside in reach, its events go one by one: only the one to blame spends its attempts.
 */
final class Batches extends Workshop {
    private final DeliveryCore core;
    private final Attempts attempts;
    private final Circuit circuit;
    private final BatchTask batch;
    private final TaskHeap ready = new TaskHeap();
    private final LaneTable held = new LaneTable();
    private final PriorityQueue<Lane> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Lane lane) -> lane.dueNanos));
    private boolean out;

    Batches(DeliveryCore core, Work.Batches work, Attempts attempts, Circuit circuit) {
        this.core = core;
        this.attempts = attempts;
        this.circuit = circuit;
        this.batch = new BatchTask(work.maxEvents());
    }

    @Override
    void add(Task task) {
        ready.add(task);
    }

    @Override
    void pump(long now) {
        while (!waiting.isEmpty() && Objects.requireNonNull(waiting.peek()).dueNanos <= now) {
            release(Objects.requireNonNull(waiting.poll()));
        }
        if (out || !circuit.allows(now, false)) {
            return;
        }
        int most = circuit.isOpen() ? 1 : batch.tasks.length;
        for (Task task = ready.peek(); task != null && batch.size < most; task = ready.peek()) {
            if (task.alone && batch.size > 0) {
                break;
            }
            most = task.alone ? 1 : most;
            Task next = circuit.isOpen() ? probe() : ready.poll();
            if (next == null) {
                break;
            }
            take(next);
        }
        if (batch.size > 0) {
            out = true;
            core.effects().startBatch(batch);
        }
    }

    /** The first event of some key, and not the same one every time: it might be the one that makes the outside fail. */
    private @Nullable Task probe() {
        LaneTable seen = new LaneTable();
        List<Task> others = new ArrayList<>();
        Task chosen = null;
        for (Task task = ready.poll(); task != null; task = ready.poll()) {
            others.add(task);
            boolean first = task.keyLength == 0 || (find(seen, task) == null && find(held, task) == null);
            if (task.keyLength > 0 && first) {
                open(seen, task);
            }
            if (first && (chosen == null || task.probes < chosen.probes)) {
                chosen = task;
            }
        }
        for (Task task : others) {
            if (task == chosen) {
                task.probes++;
            } else {
                ready.add(task);
            }
        }
        return chosen;
    }

    private static @Nullable Lane find(LaneTable lanes, Task task) {
        return lanes.find(task, OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength));
    }

    private static Lane open(LaneTable lanes, Task task) {
        return lanes.open(task, OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength));
    }

    private void take(Task task) {
        Lane lane = held.isEmpty() || task.keyLength == 0 ? null : find(held, task);
        if (lane == null) {
            put(task);
        } else {
            lane.add(task);
        }
    }

    private void put(Task task) {
        if (obsolete(task)) {
            finish(task);
            return;
        }
        ledger(task).start(task.sequence);
        if (task.attempts > 0) {
            attempts.retried();
        }
        batch.tasks[batch.size++] = task;
    }

    private void release(Lane lane) {
        for (Task task = lane.head; task != null; task = lane.head) {
            lane.advance();
            ready.add(task);
        }
        held.close(lane);
    }

    void done(@Nullable Exception reason, long now) {
        out = false;
        for (int i = 0; i < batch.size; i++) {
            Task task = batch.tasks[i];
            Exception failure = batch.failure(i) != null ? batch.failure(i) : reason;
            if (failure == null) {
                circuit.answered();
                core.completed(ledger(task), task.sequence, true, null);
                finish(task);
            } else {
                failed(task, failure, batch.failure(i) == null && batch.size > 1, now);
            }
        }
        batch.clear();
    }

    private void finish(Task task) {
        attempts.over(task);
        free(task);
    }

    /** @param inCompany whether it failed with others of its batch, and any of them may be to blame */
    private void failed(Task task, Exception reason, boolean inCompany, long now) {
        if (obsolete(task)) {
            finish(task);
            return;
        }
        Lane lane = task.keyLength == 0 || held.isEmpty() ? null : find(held, task);
        if (lane != null) {
            // An earlier event of this key failed in the same batch, so this one was never tried.
            lane.add(task);
            return;
        }
        DeliveryException classified = attempts.classify(reason);
        if (classified.kind() == DeliveryException.Kind.TRANSIENT) {
            boolean outage = circuit.isOpen();
            circuit.failedTransiently(
                    task.arrival,
                    classified.code() + ": " + classified.getMessage(),
                    Attempts.retryAfterNanos(classified),
                    now);
            if (outage) {
                wait(task, circuit.probeAtNanos());
                return;
            }
        } else if (!(reason instanceof RefusedEventException)) {
            circuit.answered();
            if (inCompany) {
                task.alone = true;
                wait(task, now);
                return;
            }
        }
        task.attempts++;
        if (attempts.spent(classified, task.attempts)) {
            giveUp(task, classified, now);
        } else {
            wait(task, now + attempts.delayNanos(classified, task.attempts));
        }
    }

    private void giveUp(Task task, DeliveryException reason, long now) {
        Failure failure = attempts.failure(reason, task.attempts, task.buffer, task.offset, task.length);
        String key = OrderKeys.text(task.keyBuffer, task.keyOffset, task.keyLength);
        if (!attempts.giveUp(ledger(task), task.sequence, task.flags, task, key, failure)) {
            wait(task, now + attempts.holdNanos(reason));
            return;
        }
        if (task.keyLength > 0) {
            // Those behind it in this batch were not tried either: an empty lane, due at once, collects them.
            Lane behind = open(held, task);
            behind.dueNanos = now;
            waiting.add(behind);
        }
        finish(task);
    }

    /** Holds the event's key back until then. */
    private void wait(Task task, long dueNanos) {
        Lane lane = task.keyLength == 0 ? new Lane() : open(held, task);
        lane.dueNanos = dueNanos;
        lane.add(task);
        waiting.add(lane);
    }

    @Override
    void discard(InputLedger ledger) {
        // Held keys come out by themselves when their time is up, and find their events obsolete; new ones of the key
        // follow behind.
    }

    @Override
    int running() {
        return out ? 1 : 0;
    }

    @Override
    boolean hasReady() {
        return !ready.isEmpty();
    }

    @Override
    long remembered() {
        return held.size() + waiting.size() + ready.size() + batch.size;
    }

    @Override
    long wakeAtNanos() {
        long due = waiting.isEmpty() ? Long.MAX_VALUE : Objects.requireNonNull(waiting.peek()).dueNanos;
        return Math.min(due, hasReady() && !out ? circuit.probeAtNanos() : Long.MAX_VALUE);
    }

    @Override
    String holding() {
        return circuit.holding();
    }
}
