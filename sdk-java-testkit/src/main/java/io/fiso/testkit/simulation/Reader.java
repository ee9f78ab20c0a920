// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.InjectionTarget;
import io.fiso.sdk.delivery.SourcePartition;
import io.fiso.sdk.event.WireEvent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an instance of a source does: reads its partitions, commits what is settled, and keeps what failed. */
final class Reader {
    private static final long TICK_NANOS = 500_000;
    private static final long HAND_NANOS = 4 * Schedule.MILLIS;
    /** The attributes that an event must have beside its id: source, specversion and type. */
    private static final byte[] REST = {0x12, 1, 's', 0x1a, 3, '1', '.', '0', 0x22, 1, 't'};

    private final Simulation simulation;
    private final World world;
    private final Instance instance;
    private final int source;
    private final @Nullable SourcePartition[] partitions;
    private final int[] cursors;
    private final int[] starts;
    private final long[] settled;
    private final FateCounts[] fates;
    private final boolean[] leaving;
    private int takenUp;
    private boolean ended;
    private boolean draining;
    private boolean resuming;

    Reader(Simulation simulation, Instance instance, int source) {
        this.simulation = simulation;
        this.world = simulation.world();
        this.instance = instance;
        this.source = source;
        int count = simulation.schedule().partitions();
        partitions = new SourcePartition[count];
        cursors = new int[count];
        starts = new int[count];
        settled = new long[count];
        fates = new FateCounts[count];
        leaving = new boolean[count];
    }

    private DeliveryCore core() {
        return instance.core();
    }

    private Group group() {
        return simulation.group(source);
    }

    void tick() {
        if (!instance.works()) {
            return;
        }
        emitSome();
        pull();
        resumeByHand();
        instance.planTurn();
        if (!(ended && simulation.committedAll(source))) {
            simulation.after(Math.max(TICK_NANOS, simulation.schedule().paceNanos() / 4), this::tick);
        }
    }

    /** Somebody sees that the breaker is open, mends what there is to mend, and resumes. */
    private void resumeByHand() {
        if (!core().paused().isEmpty() && !simulation.controlPlane().paused() && !resuming) {
            resuming = true;
            simulation.after(HAND_NANOS, () -> {
                resuming = false;
                instance.post(() -> {
                    if (!simulation.controlPlane().paused()) {
                        core().resume();
                    }
                });
            });
        }
    }

    // ---- partitions ----------------------------------------------------------------------------------------------

    boolean owns(int partition) {
        return partitions[partition] != null;
    }

    /** Whether everything of it was emitted. */
    boolean atEnd(int partition) {
        return partitions[partition] != null && cursors[partition] == world.log(source, partition).length;
    }

    /** How many events of the partition's log lie before its place in it. */
    int cursor(int partition) {
        return cursors[partition];
    }

    @Nullable
    SourcePartition partition(int partition) {
        return partitions[partition];
    }

    /** Goes on from where the partition is committed, with the totals that were committed there. */
    void takeUp(int partition) {
        String name =
                simulation.mutation().revokesWithoutSettling() ? "p" + partition + "/" + takenUp++ : "p" + partition;
        SourcePartition taken = core().partition(name);
        FateCounts totals = world.ledger(source, partition);
        core().resumed(taken, simulation.mutation().resumes(totals, world.seenTotals(source, partition)));
        partitions[partition] = taken;
        fates[partition] = totals;
        settled[partition] = -1;
        leaving[partition] = false;
        cursors[partition] = world.before(source, partition, world.committed(source, partition));
        starts[partition] = cursors[partition];
    }

    /** Emits no more of it, so that it can settle. */
    void leave(int partition) {
        leaving[partition] = true;
    }

    /** Whether everything that was emitted of it is settled. */
    boolean settled(int partition) {
        if (partitions[partition] == null || cursors[partition] == starts[partition]) {
            return true;
        }
        pull();
        int last = world.log(source, partition)[cursors[partition] - 1];
        return settled[partition] > world.position(last);
    }

    /** Commits before it is given away. */
    void commitNow(int partition) {
        pull();
        if (partitions[partition] != null && settled[partition] >= 0) {
            commit(partition, settled[partition], fates[partition]);
        }
    }

    /** It is somebody else's from now on. */
    void release(int partition) {
        SourcePartition gone = partitions[partition];
        partitions[partition] = null;
        if (gone != null) {
            core().release(gone);
        }
    }

    private void pull() {
        core().settledPositions((partition, position) -> {
            int index = index(partition);
            if (index < 0) {
                return;
            }
            FateCounts prefix = new FateCounts();
            partition.settledFates(prefix);
            int[] log = world.log(source, index);
            long emitted = cursors[index] == 0 ? 0 : world.position(log[cursors[index] - 1]) + 1;
            long committing = simulation.mutation().commits(position, emitted);
            settled[index] = position;
            fates[index] = prefix;
            world.saw(source, index, partition);
            simulation.after(simulation.delay(), () -> {
                if (instance.works() && partitions[index] == partition && group().owns(instance, index)) {
                    commit(index, committing, prefix);
                    instance.post(() -> core().committed(partition, committing, prefix));
                }
            });
        });
    }

    private int index(SourcePartition partition) {
        for (int i = 0; i < partitions.length; i++) {
            if (partitions[i] == partition) {
                return i;
            }
        }
        return -1;
    }

    private void commit(int partition, long position, FateCounts prefix) {
        if (group().owns(instance, partition)) {
            simulation.commit(source, partition, position, prefix);
        }
    }

    // ---- events --------------------------------------------------------------------------------------------------

    private void emitSome() {
        if (draining) {
            return;
        }
        int budget = 1 + world.schedule.events() / 100;
        for (int i = 0; i < partitions.length; i++) {
            SourcePartition partition = partitions[i];
            if (partition == null) {
                continue;
            }
            int[] log = world.log(source, i);
            for (int n = 0; n < budget && due(i, log.length) && !leaving[i] && ready(partition); n++) {
                emit(partition, log[cursors[i]++]);
            }
        }
        if (!ended && group().over(instance)) {
            ended = true;
            core().sourceEnded();
        }
    }

    /** Whether the next event of a partition is there. */
    private boolean due(int partition, int events) {
        long pace = simulation.schedule().paceNanos();
        return cursors[partition] < events && (pace == 0 || cursors[partition] * pace <= simulation.now());
    }

    private boolean ready(SourcePartition partition) {
        return simulation.mutation().emitsWhilePaused() ? core().takes(partition) : core().ready(partition);
    }

    private void emit(SourcePartition partition, int event) {
        if (world.firstEmitted[event] == 0) {
            world.firstEmitted[event] = simulation.now();
        }
        simulation.emitting(instance, event);
        world.emittedBeside[event] |= instance.haunts();
        if (world.poison[source][event]) {
            world.gaveUp(source, 0, event, false);
            Failure failure = new Failure(
                    "CLOUDEVENT_WRAP_FAILED",
                    "poison",
                    1,
                    instance.place().shape().name(),
                    "");
            core().emitFailed(partition, world.position(event), failure, event);
            return;
        }
        byte[] bytes = wire(event);
        byte[] key = key(event);
        core().emit(partition, world.position(event), bytes, 0, bytes.length, key, event);
    }

    /** An event with an id of five bytes: its number, and the arm of a diamond that it took. */
    private static byte[] wire(int event) {
        byte[] id = {0x0a, 5, septet(event >> 21), septet(event >> 14), septet(event >> 7), septet(event), 0};
        byte[] wire = Arrays.copyOf(id, id.length + REST.length);
        System.arraycopy(REST, 0, wire, id.length, REST.length);
        return wire;
    }

    /** Seven bits, so that the id is text. */
    private static byte septet(int bits) {
        return (byte) (bits & 0x7f);
    }

    private byte[] key(int event) {
        return new byte[] {(byte) world.key(event), 7};
    }

    /** Gives a dead letter in again, for the component that failed alone; empty if that is taken, else why it is not. */
    String inject(int event, String target) {
        byte[] plain = wire(event);
        if (target.isEmpty()) {
            return core().inject(event, plain, 0, plain.length, key(event));
        }
        WireEvent marked = WireEvent.of(plain, 0, plain.length).with(InjectionTarget.ATTRIBUTE, target);
        return core().inject(event, marked.array(), marked.offset(), marked.size(), key(event));
    }

    void writeDeadLetters(List<FailedEvent> letters) {
        simulation.after(simulation.delay() * 2, () -> {
            if (!instance.works()) {
                return;
            }
            if (simulation.deadLettersDown()) {
                instance.post(() -> core().deadLettersRefused("the store is down"));
                return;
            }
            for (FailedEvent letter : letters) {
                int event = letter.attachment() instanceof Integer original ? original : -1;
                if (event < 0 || world.position(event) != letter.position()) {
                    throw new Violation(
                            "D7", "the dead letter for position " + letter.position() + " does not carry its original");
                }
                world.deadLettered[event] = true;
                world.failedAt[event] = letter.failure().component();
                world.moved++;
                simulation.deadLettered(event);
            }
            instance.post(core()::deadLettersWritten);
        });
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    /** Takes in nothing more. */
    void drain() {
        draining = true;
        instance.post(core()::drain);
    }

    /** Whether everything it took in is settled and committed. */
    boolean drained() {
        return core().unsettled() == 0 && uncommitted() == 0;
    }

    /** How many events it emitted that the next start would emit again. */
    long uncommitted() {
        long open = 0;
        for (int i = 0; i < cursors.length; i++) {
            int[] log = world.log(source, i);
            for (int n = cursors[i] - 1;
                    partitions[i] != null && n >= 0 && world.position(log[n]) >= world.committed(source, i);
                    n--) {
                open++;
            }
        }
        return open;
    }
}
