// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.PrefixLedger;
import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.SourcePartition;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.PartitionBuffer.Handed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Between a source's threads and the core: events one way, in a bounded buffer that the core takes over as a whole; room and settlements the
 * other. Partitions are taken up and released in the same order as events are emitted.
 */
final class Handover {
    private static final System.Logger LOG = System.getLogger(Handover.class.getName());
    /** Events of all partitions together. */
    private static final long BYTES_MAX = 4L << 20;

    private final String run;
    private final String component;
    private final CoreThread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition room = lock.newCondition();
    // Guarded by lock.
    private List<Handed> arrived = new ArrayList<>();
    private final Map<String, PartitionBuffer> partitions = new HashMap<>();
    private final List<PartitionBuffer> takenUp = new ArrayList<>();
    private final List<PartitionBuffer> released = new ArrayList<>();
    private final List<Committed> committed = new ArrayList<>();
    private final Map<String, Progress.Partition> lastWords = new HashMap<>();
    private long bufferedBytes;
    private long changes;
    private int waiting;
    private int blockedEmits;
    private boolean woken;
    private boolean ended;
    private boolean stopping;
    private boolean paused;
    private boolean takerIdle = true;

    /** A position that is durable, of a partition as it was held then. */
    private record Committed(PartitionBuffer partition, SettledPosition position) {}

    // Of the core thread.
    private List<Handed> taken = new ArrayList<>();
    private final List<PartitionBuffer> coming = new ArrayList<>();
    private final List<PartitionBuffer> leaving = new ArrayList<>();
    private final List<PartitionBuffer> stalled = new ArrayList<>();
    private long freedBytes;
    private boolean coreEnded;
    private String pausedBy = "";

    Handover(String run, String component, CoreThread thread) {
        this.run = run;
        this.component = component;
        this.thread = thread;
    }

    // ---- the source's side ---------------------------------------------------------------------------------------

    /** Hands over an event; blocks while there is no room or the source is paused. */
    void put(SourceEvent event, @Nullable WireEvent wire) throws InterruptedException {
        boolean wakes;
        lock.lockInterruptibly();
        try {
            PartitionBuffer partition =
                    partitions.computeIfAbsent(event.partition(), name -> new PartitionBuffer(name, ""));
            if (paused || isFull(partition)) {
                awaitRoom(partition);
            }
            Handed handed = new Handed(partition, event, wire);
            wakes = !partition.holds && !woken;
            woken |= wakes;
            arrived.add(handed);
            partition.events++;
            bufferedBytes += handed.size;
        } finally {
            lock.unlock();
        }
        if (wakes) {
            thread.wake();
        }
    }

    private void awaitRoom(PartitionBuffer partition) throws InterruptedException {
        blockedEmits++;
        partition.blockedEmits++;
        try {
            while (paused || isFull(partition)) {
                if (paused && stopping) {
                    throw new InterruptedException("stopped while paused; the event was not accepted");
                }
                room.await();
            }
        } finally {
            blockedEmits--;
            partition.blockedEmits--;
        }
    }

    private boolean isFull(PartitionBuffer partition) {
        return partition.isFull() || bufferedBytes >= BYTES_MAX;
    }

    /** Whether it is worth waking a blocked emit; always so once nothing of this partition waits here any more. */
    private boolean hasRoomAgain(PartitionBuffer partition) {
        boolean half = !partition.isHalfFull() && bufferedBytes <= BYTES_MAX / 2;
        return half || (partition.stalled.isEmpty() && !isFull(partition));
    }

    boolean ready(String partition) {
        lock.lock();
        try {
            PartitionBuffer found = partitions.get(partition);
            return !paused
                    && (found == null
                            || found.open
                                    && found.events < PartitionBuffer.EVENTS_MAX / 2
                                    && bufferedBytes < BYTES_MAX);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change after the one that was seen; the latest. */
    long awaitChange(long seen, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            waiting++;
            while (changes == seen && !stopping && left > 0) {
                left = changed.awaitNanos(left);
            }
            waiting--;
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Takes up a partition with the totals that were committed for it; false if it is taken up already. */
    boolean takeUp(String name, String ledger) {
        lock.lock();
        try {
            if (partitions.containsKey(name)) {
                return false;
            }
            PartitionBuffer partition = new PartitionBuffer(name, ledger);
            partitions.put(name, partition);
            takenUp.add(partition);
        } finally {
            lock.unlock();
        }
        thread.wake();
        return true;
    }

    void release(String name) {
        lock.lock();
        try {
            PartitionBuffer gone = partitions.remove(name);
            if (gone == null) {
                return;
            }
            for (Handed handed : arrived) {
                bufferedBytes -= handed.partition == gone ? handed.size : 0;
            }
            arrived.removeIf(handed -> handed.partition == gone);
            if (!takenUp.remove(gone)) {
                released.add(gone);
            }
            changed.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        thread.wake();
    }

    /** These positions are durable, each with its ledger. What is released after this call is released with them. */
    void committed(Map<String, SettledPosition> positions) {
        lock.lock();
        try {
            positions.forEach((name, position) -> {
                PartitionBuffer partition = partitions.get(name);
                if (partition != null) {
                    committed.add(new Committed(partition, position));
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** What was released since this was last asked, as it stood then. */
    Map<String, Progress.Partition> takeReleased() {
        lock.lock();
        try {
            Map<String, Progress.Partition> taken = Map.copyOf(lastWords);
            lastWords.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** The positions that moved since they were last taken. */
    Map<String, SettledPosition> takeSettled() {
        lock.lock();
        try {
            Map<String, SettledPosition> moved = new HashMap<>();
            for (PartitionBuffer partition : partitions.values()) {
                if (partition.settledMoved()) {
                    moved.put(partition.name, partition.takeSettled(run));
                }
            }
            return moved;
        } finally {
            lock.unlock();
        }
    }

    /** The same, once there are any. One thread calls it over and over, and is done with the last ones when it comes again. */
    Map<String, SettledPosition> awaitSettled() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            takerIdle = true;
            changed.signalAll();
            waiting++;
            while (!anySettled()) {
                changed.await();
            }
            waiting--;
            takerIdle = false;
            return takeSettled();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until whoever takes settled positions is done with all there are; false if the time was too short. */
    boolean awaitAllTaken(long deadlineNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!takerIdle || anySettled()) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean anySettled() {
        for (PartitionBuffer partition : partitions.values()) {
            if (partition.settledMoved()) {
                return true;
            }
        }
        return false;
    }

    /** The input has ended; false if it only stopped. */
    void inputEnded() {
        lock.lock();
        try {
            ended = !stopping;
        } finally {
            lock.unlock();
        }
        thread.wake();
    }

    /** A stop began: nobody waits for changes any more, nor to emit while paused. */
    void stopping() {
        lock.lock();
        try {
            stopping = true;
            changes++;
            changed.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isStopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
    }

    // ---- the core's side -----------------------------------------------------------------------------------------

    /** Gives the core what it may take. */
    void beforeTurn(DeliveryCore delivery) {
        // Taken together: what was emitted after a partition changed hands must find it in the new hands.
        List<Handed> events = take();
        boolean moved = changeHands(delivery);
        for (PartitionBuffer partition : stalled) {
            moved |= drainStalled(partition, delivery);
        }
        stalled.removeIf(partition -> partition.stalled.isEmpty());
        for (Handed handed : events) {
            PartitionBuffer partition = handed.partition;
            if (!partition.stalled.isEmpty()) {
                partition.stalled.add(handed);
            } else if (!give(handed, delivery)) {
                partition.stalled.add(handed);
                stalled.add(partition);
            }
        }
        moved |= !events.isEmpty();
        events.clear();
        taken = events;
        if (moved) {
            noteChange(delivery);
        }
        endIfDone(delivery);
    }

    private List<Handed> take() {
        lock.lock();
        try {
            List<Handed> events = arrived;
            arrived = taken;
            woken = false;
            leaving.addAll(released);
            released.clear();
            coming.addAll(takenUp);
            takenUp.clear();
            return events;
        } finally {
            lock.unlock();
        }
    }

    private boolean changeHands(DeliveryCore delivery) {
        if (leaving.isEmpty() && coming.isEmpty()) {
            return false;
        }
        // What was committed before a release is part of how the partition stood.
        noteCommitted(delivery);
        for (PartitionBuffer partition : leaving) {
            stalled.remove(partition);
            partition.stalled.forEach(handed -> freedBytes += handed.size);
            partition.stalled.clear();
            if (partition.known != null) {
                lastWord(partition.name, delivery);
                delivery.release(partition.known);
            }
        }
        leaving.clear();
        coming.forEach(partition -> bind(partition, delivery));
        coming.clear();
        return true;
    }

    private void lastWord(String partition, DeliveryCore delivery) {
        Progress progress = delivery.progress();
        lock.lock();
        try {
            progress.partitions().stream()
                    .filter(one -> one.partition().equals(partition))
                    .forEach(one -> lastWords.put(partition, one));
        } finally {
            lock.unlock();
        }
    }

    private void forgetLastWord(String partition) {
        lock.lock();
        try {
            lastWords.remove(partition);
        } finally {
            lock.unlock();
        }
    }

    private SourcePartition bind(PartitionBuffer buffer, DeliveryCore delivery) {
        SourcePartition partition = delivery.partition(buffer.name);
        if (!buffer.ledger.isEmpty()) {
            delivery.resumed(partition, fates(buffer.name, buffer.ledger));
        }
        buffer.known = partition;
        forgetLastWord(buffer.name);
        return partition;
    }

    private FateCounts fates(String partition, String ledger) {
        try {
            return PrefixLedger.read(ledger, run);
        } catch (IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The totals of partition \"" + partition
                            + "\" cannot be read beside its committed position; they count from 0",
                    e);
            return new FateCounts();
        }
    }

    private boolean drainStalled(PartitionBuffer partition, DeliveryCore delivery) {
        boolean moved = false;
        while (!partition.stalled.isEmpty() && give(partition.stalled.peek(), delivery)) {
            partition.stalled.poll();
            moved = true;
        }
        return moved;
    }

    /** Hands an event to the core; false if it takes none of this partition now. */
    private boolean give(Handed handed, DeliveryCore delivery) {
        PartitionBuffer buffer = handed.partition;
        SourcePartition partition = buffer.known == null ? bind(buffer, delivery) : buffer.known;
        if (!delivery.takes(partition)) {
            return false;
        }
        SourceEvent event = handed.event;
        WireEvent wire = handed.wire;
        OriginalRecord original = event.original();
        Object kept = original == null ? wire : new DeadLetterWriter.Kept(wire, original);
        if (wire != null && event.failure().isEmpty()) {
            delivery.emit(
                    partition, event.position(), wire.array(), wire.offset(), wire.size(), event.orderKey(), kept);
        } else {
            delivery.emitFailed(partition, event.position(), event.orderKey(), failure(event), kept);
        }
        buffer.freed++;
        freedBytes += handed.size;
        return true;
    }

    private Failure failure(SourceEvent event) {
        DeliveryException reason = event.failure().orElseThrow();
        return new Failure(reason.code(), LanePart.reason(reason), 1, component, "");
    }

    private void endIfDone(DeliveryCore delivery) {
        lock.lock();
        try {
            if (!ended || coreEnded || !arrived.isEmpty() || !stalled.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        coreEnded = true;
        delivery.sourceEnded();
    }

    /** Gives back the room of what the core took, and wakes who waits for it or for settlements. */
    private void noteChange(DeliveryCore delivery) {
        lock.lock();
        try {
            bufferedBytes -= freedBytes;
            freedBytes = 0;
            boolean half = false;
            boolean resumed = false;
            for (PartitionBuffer partition : partitions.values()) {
                partition.events -= partition.freed;
                partition.freed = 0;
                boolean holds = !partition.stalled.isEmpty();
                resumed |= partition.holds && !holds;
                partition.holds = holds;
                partition.open = partition.known == null || delivery.takes(partition.known);
                half |= partition.blockedEmits > 0 && hasRoomAgain(partition);
            }
            if (resumed && !arrived.isEmpty()) {
                // Emitted since this turn took what there was, by a thread that still saw it hold.
                thread.wake();
            }
            changes++;
            if (waiting > 0) {
                changed.signalAll();
            }
            // An emit that waits goes on at half, not for every event that leaves: a wake-up costs more than an event.
            if (blockedEmits > 0 && half) {
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes what settled, and whether the source is paused; true if the core can take more at once. */
    boolean afterTurn(DeliveryCore delivery) {
        boolean[] moved = {notePause(delivery.paused())};
        delivery.settledPositions((partition, next) -> {
            lock.lock();
            try {
                PartitionBuffer buffer = partitions.get(partition.name());
                if (buffer != null && buffer.known == partition) {
                    buffer.settled(next, partition);
                }
            } finally {
                lock.unlock();
            }
            moved[0] = true;
        });
        if (moved[0]) {
            noteChange(delivery);
        }
        for (PartitionBuffer partition : stalled) {
            if (partition.known != null && delivery.takes(partition.known)) {
                return true;
            }
        }
        return false;
    }

    private boolean notePause(String reason) {
        if (reason.equals(pausedBy)) {
            return false;
        }
        pausedBy = reason;
        LOG.log(System.Logger.Level.WARNING, reason.isEmpty() ? "The source goes on" : "The source pauses: " + reason);
        lock.lock();
        try {
            paused = !reason.isEmpty();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** These are durable by now; on the core thread. */
    void noteCommitted(DeliveryCore delivery) {
        List<Committed> durable;
        lock.lock();
        try {
            if (committed.isEmpty()) {
                return;
            }
            durable = List.copyOf(committed);
            committed.clear();
        } finally {
            lock.unlock();
        }
        for (Committed one : durable) {
            SourcePartition known = one.partition.known;
            if (known != null) {
                delivery.committed(known, one.position.next(), fates(one.partition.name, one.position.ledger()));
            }
        }
    }
}
