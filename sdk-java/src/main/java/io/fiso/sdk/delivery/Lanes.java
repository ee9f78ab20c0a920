// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * One lane per active order key: never reorders within it. At most {@code parallelism} run at once, and one that waits for a retry is not
 * among them. Of those that could run, the one whose head arrived first goes first.
 *
 * <p>A key is active while an event of it runs or waits for a retry. All other events stand in the order of their arrival, whatever their key: only when
 * its turn comes an event is put behind an active one of its key. So what order costs depends on how many run, not on how many wait.
 */
final class Lanes extends Workshop {
    private final DeliveryCore core;
    private final Work.Lanes work;
    private final Attempts attempts;
    private final Circuit circuit;
    private final LaneTable lanes = new LaneTable();
    private final PriorityQueue<Task> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Task task) -> task.dueNanos));
    private final TaskHeap ready = new TaskHeap();
    private final AdaptiveParallelism parallelism;
    private final boolean ordered;
    private int running;

    /** Whether it was the parallelism that ended the last pump. */
    private boolean limited;

    Lanes(DeliveryCore core, Work.Lanes work, Attempts attempts, Circuit circuit) {
        this.core = core;
        this.work = work;
        this.ordered = work.ordered();
        this.attempts = attempts;
        this.circuit = circuit;
        this.parallelism = new AdaptiveParallelism(work.parallelism());
    }

    @Override
    void add(Task task) {
        if (ordered(task)) {
            // Now: what has just been received is still at hand.
            task.keyHash = OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength);
        }
        ready.add(task);
    }

    private boolean ordered(Task task) {
        return ordered && task.keyLength > 0;
    }

    @Override
    void pump(long now) {
        while (!waiting.isEmpty() && waiting.peek().dueNanos <= now) {
            ready.add(waiting.poll());
        }
        limited = false;
        for (Task task = ready.peek(); task != null; task = ready.peek()) {
            if (obsolete(task)) {
                ready.poll();
                finish(task);
                continue;
            }
            if (queuesUp(task)) {
                ready.poll();
                continue;
            }
            limited = running >= parallelism.limit();
            if (limited || !circuit.allows(now, running > 0) || !core.hasRoom()) {
                return;
            }
            if (circuit.isOpen()) {
                probe();
            } else {
                ready.poll();
                open(task);
                start(task);
            }
        }
    }

    /** Puts the task behind an earlier one of its key that is not through; false if it may go. */
    private boolean queuesUp(Task task) {
        Lane lane = task.lane == null && ordered(task) ? lanes.find(task, task.keyHash) : null;
        if (lane == null) {
            return false;
        }
        lane.add(task);
        return true;
    }

    /** Takes its key for a task that may go, unless it has it already. */
    private void open(Task task) {
        if (task.lane == null && ordered(task)) {
            lanes.open(task, task.keyHash).add(task);
        }
    }

    /** Not the same event every time: it might be the one that makes the outside fail. */
    private void probe() {
        lineUp();
        Task task = Objects.requireNonNull(ready.pollLeastProbed());
        task.probes++;
        if (obsolete(task)) {
            finish(task);
        } else {
            start(task);
        }
    }

    /** Leaves only the first of each key ready. */
    private void lineUp() {
        List<Task> first = new ArrayList<>();
        for (Task task = ready.poll(); task != null; task = ready.poll()) {
            if (!queuesUp(task)) {
                open(task);
                first.add(task);
            }
        }
        first.forEach(ready::add);
    }

    private void start(Task task) {
        ledger(task).start(task.sequence);
        if (task.attempts > 0) {
            attempts.retried();
        }
        running++;
        core.effects().start(task);
    }

    void succeeded(Task task, @Nullable Records outputs, long now) {
        ended(true, now);
        circuit.answered();
        core.inheritInjection(task.flags, task.buffer, task.offset, task.length, outputs);
        DeliveryException tooLarge = core.completed(ledger(task), task.sequence, work.sink(), outputs);
        if (tooLarge == null) {
            finish(task);
        } else {
            task.attempts++;
            giveUp(task, tooLarge, now);
        }
    }

    private void ended(boolean answered, long now) {
        running--;
        parallelism.finished(answered, limited, now);
    }

    void failed(Task task, Exception reason, long now) {
        DeliveryException classified = attempts.classify(reason);
        boolean unreachable = work.sink() && classified.kind() == DeliveryException.Kind.TRANSIENT;
        ended(!unreachable, now);
        if (unreachable) {
            boolean outage = circuit.isOpen();
            circuit.failedTransiently(
                    task.arrival,
                    classified.code() + ": " + classified.getMessage(),
                    Attempts.retryAfterNanos(classified),
                    now);
            if (circuit.isOpen()) {
                parallelism.interrupted();
            }
            if (outage) {
                again(task, circuit.probeAtNanos());
                return;
            }
        } else if (!(reason instanceof RefusedEventException)) {
            circuit.answered();
        }
        task.attempts++;
        if (attempts.spent(classified, task.attempts)) {
            giveUp(task, classified, now);
        } else {
            again(task, now + attempts.delayNanos(classified, task.attempts));
        }
    }

    private void giveUp(Task task, DeliveryException reason, long now) {
        Failure failure = attempts.failure(reason, task.attempts, task.buffer, task.offset, task.length);
        String key = OrderKeys.text(task.keyBuffer, task.keyOffset, task.keyLength);
        if (attempts.giveUp(ledger(task), task.sequence, task.flags, task, key, failure)) {
            finish(task);
        } else {
            again(task, now + attempts.holdNanos(reason));
        }
    }

    private void again(Task task, long dueNanos) {
        task.dueNanos = obsolete(task) ? Long.MIN_VALUE : dueNanos;
        waiting.add(task);
    }

    /** The event is through; the next of its lane may go. */
    private void finish(Task task) {
        attempts.over(task);
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
    long remembered() {
        return lanes.size() + waiting.size() + ready.size() + running;
    }

    @Override
    long wakeAtNanos() {
        long due = waiting.isEmpty() ? Long.MAX_VALUE : Objects.requireNonNull(waiting.peek()).dueNanos;
        return Math.min(due, ready.isEmpty() || running > 0 ? Long.MAX_VALUE : circuit.probeAtNanos());
    }

    @Override
    String holding() {
        return circuit.holding();
    }
}
