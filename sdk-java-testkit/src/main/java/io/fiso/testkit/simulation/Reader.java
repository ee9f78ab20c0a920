// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.SourcePartition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an instance of a source does: reads its partitions, commits what is settled, and keeps what failed. */
final class Reader {
    private static final long TICK_NANOS = 500_000;

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
        instance.planTurn();
        if (!(ended && simulation.committedAll(source))) {
            simulation.after(TICK_NANOS, this::tick);
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
        cursors[partition] = 0;
        int[] log = world.log(source, partition);
        while (cursors[partition] < log.length
                && world.position(log[cursors[partition]]) < world.committed(source, partition)) {
            cursors[partition]++;
        }
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
            for (int n = 0; n < budget && cursors[i] < log.length && !leaving[i] && core().ready(partition); n++) {
                emit(partition, log[cursors[i]++]);
            }
        }
        if (!ended && group().over(instance)) {
            ended = true;
            core().sourceEnded();
        }
    }

    private void emit(SourcePartition partition, int event) {
        if (world.firstEmitted[event] == 0) {
            world.firstEmitted[event] = simulation.now();
        }
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
        byte[] bytes = {0x0a, 4, (byte) (event >> 24), (byte) (event >> 16), (byte) (event >> 8), (byte) event};
        byte[] key = {(byte) world.key(event), 7};
        core().emit(partition, world.position(event), bytes, 0, bytes.length, key, event);
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
                world.moved++;
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
