// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** One lane per active order key: never reorders within it; at most {@code parallelism} run at once, and one that waits for a retry is not among them. */
final class Lanes extends Workshop {
    private final DeliveryCore core;
    private final Work.Lanes work;
    private final Attempts attempts;
    private final Circuit circuit;
    private final LaneTable lanes = new LaneTable();
    private final PriorityQueue<Task> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Task task) -> task.dueNanos));
    private final java.util.ArrayDeque<Task> ready = new java.util.ArrayDeque<>();
    private int running;

    Lanes(DeliveryCore core, Work.Lanes work, Attempts attempts, Circuit circuit) {
        this.core = core;
        this.work = work;
        this.attempts = attempts;
        this.circuit = circuit;
    }

    @Override
    void add(Task task) {
        if (!work.ordered() || task.keyLength == 0) {
            ready.add(task);
            return;
        }
        Lane lane = lanes.find(task);
        if (lane == null) {
            lane = lanes.open(task);
            lane.add(task);
            ready.add(task);
        } else {
            lane.add(task);
        }
    }

    @Override
    void pump(long now) {
        while (!waiting.isEmpty() && waiting.peek().dueNanos <= now) {
            ready.add(waiting.poll());
        }
        while (!ready.isEmpty()) {
            Task task = ready.peek();
            if (obsolete(task)) {
                ready.poll();
                finish(task);
                continue;
            }
            if (running >= work.parallelism() || !circuit.allows(now, running > 0) || !core.hasRoom()) {
                return;
            }
            ready.poll();
            ledger(task).start(task.sequence);
            if (task.attempts > 0) {
                attempts.retried();
            }
            running++;
            core.effects().start(task);
        }
    }

    void succeeded(Task task, @Nullable Records outputs) {
        running--;
        circuit.answered();
        core.inheritInjection(task.flags, task.buffer, task.offset, task.length, outputs);
        core.completed(ledger(task), task.sequence, work.sink(), outputs);
        finish(task);
    }

    void failed(Task task, Exception reason, long now) {
        running--;
        DeliveryException classified = attempts.classify(reason);
        boolean outage = circuit.isOpen();
        if (work.sink() && classified.kind() == DeliveryException.Kind.TRANSIENT) {
            circuit.failedTransiently(task.sequence, now);
            if (outage) {
                again(task, circuit.probeAtNanos());
                return;
            }
        } else {
            circuit.answered();
        }
        task.attempts++;
        if (attempts.spent(classified, task.attempts)) {
            ledger(task)
                    .decide(
                            task.sequence,
                            Fate.FAILED,
                            attempts.failure(classified, task.attempts, task.buffer, task.offset, task.length));
            finish(task);
            return;
        }
        again(task, now + attempts.delayNanos(classified, task.attempts));
    }

    private void again(Task task, long dueNanos) {
        task.dueNanos = obsolete(task) ? Long.MIN_VALUE : dueNanos;
        waiting.add(task);
    }

    /** The event is through; the next of its lane may go. */
    private void finish(Task task) {
        Lane lane = task.lane;
        if (lane != null) {
            Task following = lane.advance();
            if (following == null) {
                lanes.close(lane);
            } else {
                ready.add(following);
            }
        }
        free(task);
    }

    @Override
    void discard(InputLedger ledger) {
        for (Iterator<Task> tasks = waiting.iterator(); tasks.hasNext(); ) {
            Task task = tasks.next();
            if (task.ledger == ledger) {
                tasks.remove();
                ready.add(task);
            }
        }
    }

    @Override
    int running() {
        return running;
    }

    @Override
    boolean hasReady() {
        return !ready.isEmpty();
    }

    @Override
    long wakeAtNanos() {
        long due = waiting.isEmpty() ? Long.MAX_VALUE : Objects.requireNonNull(waiting.peek()).dueNanos;
        return Math.min(due, ready.isEmpty() || running > 0 ? Long.MAX_VALUE : circuit.probeAtNanos());
    }

    @Override
    String holding() {
        return circuit.isOpen()
                ? "the circuit is open: the outside fails, one probe at a time asks whether it is back"
                : "";
    }
}
