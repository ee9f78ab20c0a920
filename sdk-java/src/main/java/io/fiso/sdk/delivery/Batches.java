// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Events in batches, in the order of arrival, one batch out at a time. A key whose event must be tried again is held back as a whole. */
final class Batches extends Workshop {
    private final DeliveryCore core;
    private final Attempts attempts;
    private final Circuit circuit;
    private final BatchTask batch;
    private final ArrayDeque<Task> arrived = new ArrayDeque<>();
    private final ArrayDeque<Task> again = new ArrayDeque<>();
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
        arrived.add(task);
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
        while (batch.size < most && !again.isEmpty()) {
            take(Objects.requireNonNull(again.poll()));
        }
        while (batch.size < most && !arrived.isEmpty()) {
            take(Objects.requireNonNull(arrived.poll()));
        }
        if (batch.size > 0) {
            out = true;
            core.effects().startBatch(batch);
        }
    }

    private void take(Task task) {
        Lane lane = held.isEmpty() || task.keyLength == 0 ? null : held.find(task);
        if (lane == null) {
            put(task);
        } else {
            lane.add(task);
        }
    }

    private void put(Task task) {
        if (obsolete(task)) {
            free(task);
            return;
        }
        ledger(task).start(task.sequence);
        if (task.attempts > 0) {
            attempts.retried();
        }
        batch.tasks[batch.size++] = task;
    }

    /** What was held back is older than anything of its key that waits elsewhere, so it goes to the front. */
    private void release(Lane lane) {
        held.close(lane);
        ArrayDeque<Task> released = new ArrayDeque<>();
        for (Task task = lane.head; task != null; task = lane.head) {
            lane.advance();
            released.push(task);
        }
        released.forEach(again::addFirst);
    }

    void done(@Nullable Exception reason, long now) {
        out = false;
        boolean wasOpen = circuit.isOpen();
        for (int i = 0; i < batch.size; i++) {
            Task task = batch.tasks[i];
            Exception failure = batch.failure(i) != null ? batch.failure(i) : reason;
            if (failure == null) {
                circuit.answered();
                core.completed(ledger(task), task.sequence, true, null);
                free(task);
            } else {
                failed(task, failure, now, wasOpen);
            }
        }
        batch.clear();
    }

    private void failed(Task task, Exception reason, long now, boolean wasOpen) {
        if (obsolete(task)) {
            free(task);
            return;
        }
        Lane lane = task.keyLength == 0 || held.isEmpty() ? null : held.find(task);
        if (lane != null) {
            // An earlier event of this key failed in the same batch, so this one was never tried.
            lane.add(task);
            return;
        }
        DeliveryException classified = attempts.classify(reason);
        if (classified.kind() == DeliveryException.Kind.TRANSIENT) {
            circuit.failedTransiently(task.sequence, now);
        } else {
            circuit.answered();
        }
        boolean outage = wasOpen && circuit.isOpen();
        if (!outage) {
            task.attempts++;
            if (attempts.spent(classified, task.attempts)) {
                Failure failure = attempts.failure(classified, task.attempts, task.buffer, task.offset, task.length);
                ledger(task).decide(task.sequence, Fate.FAILED, failure);
                if (task.keyLength > 0) {
                    // Those behind it in this batch were not tried either: an empty lane, due at once, collects them.
                    Lane behind = held.open(task);
                    behind.dueNanos = now;
                    waiting.add(behind);
                }
                free(task);
                return;
            }
        }
        Lane opened = task.keyLength == 0 ? new Lane() : held.open(task);
        opened.dueNanos = outage ? circuit.probeAtNanos() : now + attempts.delayNanos(classified, task.attempts);
        opened.add(task);
        waiting.add(opened);
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
        return !arrived.isEmpty() || !again.isEmpty();
    }

    @Override
    long wakeAtNanos() {
        long due = waiting.isEmpty() ? Long.MAX_VALUE : Objects.requireNonNull(waiting.peek()).dueNanos;
        return Math.min(due, hasReady() && !out ? circuit.probeAtNanos() : Long.MAX_VALUE);
    }

    @Override
    String holding() {
        return circuit.isOpen()
                ? "the circuit is open: the outside fails, one probe at a time asks whether it is back"
                : "";
    }
}
