// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.PrefixLedger;
import io.fiso.sdk.delivery.SourcePartition;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs a source: its emits wait in a bounded buffer that the core takes over as a whole. */
final class SourcePart implements Part {
    /** Events of one partition, and of all together, between the source's thread and the core. */
    private static final int PARTITION_BUFFER_EVENTS = 2_048;

    private static final long BUFFER_BYTES = 4L << 20;
    private static final long CHECKPOINT_INTERVAL_MILLIS = 100;

    private final EventSource source;
    private final ComponentEnvironment environment;
    private final ComponentSettings settings;
    private final CoreThread thread;
    private final Clock clock;
    private final FailureListener failures;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition room = lock.newCondition();
    // Guarded by lock.
    private List<Pending> arrived = new ArrayList<>();
    private final Map<String, Buffered> buffered = new HashMap<>();
    private long bufferedBytes;
    /** Partitions taken up and released since the core last looked, in that order per partition. */
    private final List<Buffered> takenUp = new ArrayList<>();

    private final List<Buffered> released = new ArrayList<>();
    private long changes;
    private int waiting;
    private int blockedEmits;
    private boolean woken;
    private boolean ended;
    private boolean checkpointIdle = true;

    private volatile boolean stopping;
    private volatile boolean coreEnded;
    private volatile String holding = "";
    private final Map<String, Long> lags = new ConcurrentHashMap<>();
    private @Nullable CheckpointFile checkpoint;
    private @Nullable Thread checkpointWriter;
    private @Nullable DeadLetterStore store;
    private @Nullable DeadLetterWriter writer;
    private @Nullable DeliveryCore core;
    private @Nullable Context context;
    private @Nullable Thread runner;

    // Of the core thread.
    private List<Pending> taken = new ArrayList<>();
    private final List<Buffered> leaving = new ArrayList<>();
    private final List<Buffered> coming = new ArrayList<>();
    private final List<Buffered> stalled = new ArrayList<>();
    private long freedBytes;

    /** Told when the author's code failed. */
    interface FailureListener {
        void failed(Throwable reason);
    }

    SourcePart(
            EventSource source,
            ComponentEnvironment environment,
            ComponentSettings settings,
            CoreThread thread,
            Clock clock,
            FailureListener failures) {
        this.source = source;
        this.environment = environment;
        this.settings = settings;
        this.thread = thread;
        this.clock = clock;
        this.failures = failures;
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_SOURCE;
    }

    @Override
    public void open(ContextView view) throws Exception {
        context = new Context(view);
        source.open(context);
    }

    @Override
    public Work work() {
        return new Work.Source();
    }

    @Override
    public void started(DeliveryCore delivery) {
        core = delivery;
        Path letters = environment
                .stateDirectory()
                .toAbsolutePath()
                .resolve("../../dead-letters")
                .normalize();
        DeadLetterStore chosen = store;
        if (chosen == null) {
            chosen = new FileDeadLetterStore(letters.resolve(environment.component() + ".jsonl"));
        }
        writer = new DeadLetterWriter(
                chosen,
                letters.resolve(environment.component() + "-too-large.jsonl"),
                thread,
                delivery,
                environment.pipeline(),
                environment.component(),
                clock);
    }

    @Override
    public void wired() {
        // A platform thread: waking a virtual one costs a hop over its scheduler, at every batch.
        runner = Thread.ofPlatform().daemon().name("fiso-source").start(this::runSource);
    }

    @Override
    public void writeDeadLetters(List<FailedEvent> letters) {
        Objects.requireNonNull(writer, "writer").write(letters);
    }

    @Override
    public void beforeTurn(DeliveryCore delivery) {
        // Taken together: what was emitted after a partition changed hands must find it in the new hands.
        List<Pending> events = take();
        boolean moved = changeHands(delivery);
        for (Buffered partition : stalled) {
            moved |= partition.drainStalled(delivery);
        }
        stalled.removeIf(partition -> partition.stalled.isEmpty());
        for (Pending pending : events) {
            Buffered partition = pending.partition;
            if (!partition.stalled.isEmpty()) {
                partition.stalled.add(pending);
            } else if (!partition.give(pending, delivery)) {
                partition.stalled.add(pending);
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

    @Override
    public boolean afterTurn(DeliveryCore delivery) {
        boolean[] moved = {false};
        delivery.settledPositions((partition, next) -> {
            lock.lock();
            try {
                Buffered from = buffered.get(partition.name());
                if (from != null && from.known == partition) {
                    from.settled(next, partition);
                }
            } finally {
                lock.unlock();
            }
            moved[0] = true;
        });
        if (moved[0]) {
            noteChange(delivery);
        }
        for (Buffered partition : stalled) {
            if (partition.known != null && delivery.ready(partition.known)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public SourceEvent restore(OriginalRecord original) {
        return source.restore(original);
    }

    @Override
    public void stopping() {
        stopping = true;
        lock.lock();
        try {
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitEnded(long deadlineNanos) throws InterruptedException {
        Thread running = runner;
        if (running != null && !running.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())))) {
            running.interrupt();
            running.join(500);
            return false;
        }
        return true;
    }

    @Override
    public Map<String, Long> lags() {
        return lags;
    }

    @Override
    public String holding() {
        return holding;
    }

    @Override
    public void close() throws Exception {
        stopping = true;
        Thread running = runner;
        if (running != null) {
            running.interrupt();
            running.join(1_000);
        }
        Thread checkpoints = checkpointWriter;
        if (checkpoints != null) {
            checkpoints.interrupt();
            checkpoints.join(1_000);
        }
        if (writer != null) {
            writer.close();
        }
        source.close();
    }

    private void runSource() {
        try {
            source.run(Objects.requireNonNull(context, "context"));
            lock.lock();
            try {
                ended = !stopping;
            } finally {
                lock.unlock();
            }
            thread.wake();
        } catch (InterruptedException e) {
            if (!stopping) {
                failures.failed(e);
            }
        } catch (Throwable reason) {
            failures.failed(reason);
        }
    }

    private boolean changeHands(DeliveryCore delivery) {
        if (leaving.isEmpty() && coming.isEmpty()) {
            return false;
        }
        for (Buffered partition : leaving) {
            stalled.remove(partition);
            partition.stalled.forEach(pending -> freedBytes += pending.size);
            partition.stalled.clear();
            if (partition.known != null) {
                delivery.release(partition.known);
            }
        }
        leaving.clear();
        coming.forEach(partition -> partition.bind(delivery));
        coming.clear();
        return true;
    }

    private List<Pending> take() {
        lock.lock();
        try {
            List<Pending> events = arrived;
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
            for (Buffered partition : buffered.values()) {
                partition.events -= partition.freed;
                partition.freed = 0;
                boolean holds = !partition.stalled.isEmpty();
                resumed |= partition.holds && !holds;
                partition.holds = holds;
                partition.open = partition.known == null || delivery.ready(partition.known);
                half |= partition.blockedEmits > 0 && partition.hasRoomAgain();
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

    private void writeCheckpoints(CheckpointFile file) {
        try {
            while (true) {
                Map<String, SettledPosition> moved = takeSettledWaiting();
                file.write(moved);
                confirm(moved);
                TimeUnit.MILLISECONDS.sleep(stopping ? 1 : CHECKPOINT_INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            // The process ends.
        } catch (IOException e) {
            failures.failed(
                    new UncheckedIOException("cannot write the checkpoint of '" + environment.component() + "'", e));
        }
    }

    private Map<String, SettledPosition> takeSettledWaiting() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            checkpointIdle = true;
            changed.signalAll();
            waiting++;
            Map<String, SettledPosition> moved = takeSettled();
            while (moved.isEmpty()) {
                changed.await();
                moved = takeSettled();
            }
            waiting--;
            checkpointIdle = false;
            return moved;
        } finally {
            lock.unlock();
        }
    }

    /** The positions that moved since they were last taken. Under the lock. */
    private Map<String, SettledPosition> takeSettled() {
        Map<String, SettledPosition> moved = new HashMap<>();
        for (Buffered partition : buffered.values()) {
            if (partition.settledMoved) {
                partition.settledMoved = false;
                moved.put(
                        partition.name,
                        new SettledPosition(
                                partition.settledNext, PrefixLedger.write(environment.run(), partition.settledFates)));
            }
        }
        return moved;
    }

    private boolean anySettled() {
        for (Buffered partition : buffered.values()) {
            if (partition.settledMoved) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean awaitKept(long deadlineNanos) throws InterruptedException {
        if (checkpoint == null) {
            return true;
        }
        lock.lock();
        try {
            while (!checkpointIdle || anySettled()) {
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

    private void confirm(Map<String, SettledPosition> positions) {
        Map<String, SettledPosition> copy = Map.copyOf(positions);
        thread.post(() -> {
            DeliveryCore delivery = core;
            if (delivery == null) {
                return;
            }
            copy.forEach((name, position) -> {
                SourcePartition partition = held(name);
                if (partition != null) {
                    delivery.committed(partition, position.next(), fates(name, position.ledger()));
                }
            });
        });
    }

    private @Nullable SourcePartition held(String name) {
        lock.lock();
        try {
            Buffered partition = buffered.get(name);
            return partition == null ? null : partition.known;
        } finally {
            lock.unlock();
        }
    }

    private FateCounts fates(String partition, String ledger) {
        try {
            return PrefixLedger.read(ledger, environment.run());
        } catch (IllegalArgumentException e) {
            logger().log(
                            System.Logger.Level.WARNING,
                            "The totals of partition \"" + partition
                                    + "\" cannot be read beside its committed position; they count from 0",
                            e);
            return new FateCounts();
        }
    }

    private System.Logger logger() {
        return Objects.requireNonNull(context, "context").logger();
    }

    /** An event on its way to the core. */
    private static final class Pending {
        final Buffered partition;
        final SourceEvent event;
        final @Nullable WireEvent wire;
        final int size;

        Pending(Buffered partition, SourceEvent event, @Nullable WireEvent wire) {
            this.partition = partition;
            this.event = event;
            this.wire = wire;
            this.size = wire == null ? 0 : wire.size();
        }
    }

    /** One partition's events between the source's thread and the core. */
    private final class Buffered {
        final String name;
        // Guarded by lock.
        int events;
        int blockedEmits;
        boolean open = true;
        /** The core has more than it may take now: it looks again when something settles, so a new event need not wake it. */
        boolean holds;
        /** What was committed with the position it is taken up at. */
        String ledger = "";

        boolean settledMoved;
        long settledNext;
        final FateCounts settledFates = new FateCounts();
        // Of the core thread.
        int freed;

        @Nullable
        SourcePartition known;

        final ArrayDeque<Pending> stalled = new ArrayDeque<>();

        Buffered(String name) {
            this.name = name;
        }

        boolean drainStalled(DeliveryCore delivery) {
            boolean moved = false;
            while (!stalled.isEmpty() && give(stalled.peek(), delivery)) {
                stalled.poll();
                moved = true;
            }
            return moved;
        }

        /** Hands an event to the core; false if it takes none of this partition now. */
        boolean give(Pending pending, DeliveryCore delivery) {
            SourcePartition partition = known == null ? bind(delivery) : known;
            if (!delivery.ready(partition)) {
                return false;
            }
            SourceEvent event = pending.event;
            WireEvent wire = pending.wire;
            OriginalRecord original = event.original();
            if (wire != null) {
                Object kept = original == null ? wire : new DeadLetterWriter.Kept(wire, original);
                delivery.emit(
                        partition, event.position(), wire.array(), wire.offset(), wire.size(), event.orderKey(), kept);
            } else {
                Object kept = original == null ? null : new DeadLetterWriter.Kept(null, original);
                delivery.emitFailed(partition, event.position(), failure(event), kept);
            }
            freed++;
            freedBytes += pending.size;
            return true;
        }

        SourcePartition bind(DeliveryCore delivery) {
            SourcePartition partition = delivery.partition(name);
            if (!ledger.isEmpty()) {
                delivery.resumed(partition, fates(name, ledger));
            }
            known = partition;
            return partition;
        }

        /** Under the lock. */
        void settled(long next, SourcePartition partition) {
            settledMoved = true;
            settledNext = next;
            partition.settledFates(settledFates);
        }

        boolean isFull() {
            return events >= PARTITION_BUFFER_EVENTS || bufferedBytes >= BUFFER_BYTES;
        }

        /** Whether it is worth waking a blocked emit; always so once nothing of this partition waits here any more. */
        boolean hasRoomAgain() {
            boolean half = events <= PARTITION_BUFFER_EVENTS / 2 && bufferedBytes <= BUFFER_BYTES / 2;
            return half || (stalled.isEmpty() && !isFull());
        }

        private Failure failure(SourceEvent event) {
            DeliveryException reason = event.failure().orElseThrow();
            return new Failure(reason.code(), LanePart.reason(reason), 1, environment.component(), "");
        }
    }

    private final class Context extends ContextView implements SourceContext {
        private long seenChanges;

        Context(ContextView view) {
            super(view);
        }

        @Override
        public void emit(SourceEvent event) throws InterruptedException {
            WireEvent wire = null;
            SourceEvent checked = event;
            if (event.failure().isEmpty() && event.event() != null) {
                wire = WireEvent.from(event.event());
                if (wire.size() > settings.limits().maxEventBytes()) {
                    checked = tooLarge(event, wire);
                    wire = null;
                }
            }
            boolean wakes;
            lock.lockInterruptibly();
            try {
                Buffered partition = buffered.computeIfAbsent(event.partition(), Buffered::new);
                if (partition.isFull()) {
                    awaitRoom(partition);
                }
                Pending pending = new Pending(partition, checked, wire);
                wakes = !partition.holds && !woken;
                woken |= wakes;
                arrived.add(pending);
                partition.events++;
                bufferedBytes += pending.size;
            } finally {
                lock.unlock();
            }
            if (wakes) {
                thread.wake();
            }
        }

        private void awaitRoom(Buffered partition) throws InterruptedException {
            blockedEmits++;
            partition.blockedEmits++;
            try {
                while (partition.isFull()) {
                    room.await();
                }
            } finally {
                blockedEmits--;
                partition.blockedEmits--;
            }
        }

        private SourceEvent tooLarge(SourceEvent event, WireEvent wire) {
            DeliveryException reason = DeliveryException.permanent(
                    "EVENT_TOO_LARGE",
                    "an event of " + wire.size() + " bytes exceeds the limit of "
                            + settings.limits().maxEventBytes() + " bytes");
            OriginalRecord original = event.original();
            return new SourceEvent(
                    event.event(),
                    event.partition(),
                    event.position(),
                    event.orderKey(),
                    original,
                    java.util.Optional.of(reason));
        }

        @Override
        public boolean ready(String partition) {
            lock.lock();
            try {
                Buffered found = buffered.get(partition);
                return found == null
                        || found.open && found.events < PARTITION_BUFFER_EVENTS / 2 && bufferedBytes < BUFFER_BYTES;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void await(Duration timeout) throws InterruptedException {
            long left = timeout.toNanos();
            lock.lockInterruptibly();
            try {
                waiting++;
                while (changes == seenChanges && !stopping && left > 0) {
                    left = changed.awaitNanos(left);
                }
                waiting--;
                seenChanges = changes;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void resumed(String partition, String ledger) {
            lock.lock();
            try {
                if (buffered.containsKey(partition)) {
                    throw new IllegalStateException("partition '" + partition
                            + "' is taken up already; release it before it is taken up again");
                }
                takeUp(partition, ledger);
            } finally {
                lock.unlock();
            }
            thread.wake();
        }

        private void takeUp(String partition, String ledger) {
            Buffered taken = new Buffered(partition);
            taken.ledger = ledger;
            buffered.put(partition, taken);
            takenUp.add(taken);
        }

        @Override
        public Map<String, SettledPosition> settled() {
            lock.lock();
            try {
                return checkpoint != null ? Map.of() : takeSettled();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void committed(Map<String, SettledPosition> positions) {
            confirm(positions);
        }

        @Override
        public void release(String partition) {
            lags.remove(partition);
            lock.lock();
            try {
                Buffered gone = buffered.remove(partition);
                if (gone == null) {
                    return;
                }
                for (Pending pending : arrived) {
                    bufferedBytes -= pending.partition == gone ? pending.size : 0;
                }
                arrived.removeIf(pending -> pending.partition == gone);
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

        @Override
        public Checkpoint checkpoint() {
            CheckpointFile file = checkpointFile();
            return (partition, otherwise) -> {
                lock.lock();
                try {
                    if (!buffered.containsKey(partition)) {
                        takeUp(partition, file.ledger(partition));
                    }
                } finally {
                    lock.unlock();
                }
                thread.wake();
                return file.position(partition, otherwise);
            };
        }

        private CheckpointFile checkpointFile() {
            CheckpointFile file = checkpoint;
            if (file == null) {
                try {
                    file = new CheckpointFile(stateDirectory());
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
                checkpoint = file;
                CheckpointFile opened = file;
                checkpointWriter = Thread.ofVirtual().name("fiso-checkpoint").start(() -> writeCheckpoints(opened));
            }
            return file;
        }

        @Override
        public void deadLetters(DeadLetterStore chosen) {
            if (core != null) {
                throw new IllegalStateException("set the dead letter store in open()");
            }
            store = chosen;
        }

        @Override
        public void lag(String partition, long records) {
            lags.put(partition, records);
        }

        @Override
        public void holding(String reason) {
            holding = reason;
        }

        @Override
        public boolean stopping() {
            return stopping;
        }
    }
}
