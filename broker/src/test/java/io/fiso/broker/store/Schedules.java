// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs a {@link Workload} through several crashes, all of which one seed decides. */
record Schedules(
        Supplier<Workload> workload,
        BiFunction<Disk, StoreSettings, FrameLog> log,
        boolean skipSyncOfDrops,
        Seen seen) {

    static Schedules of(Supplier<Workload> workload) {
        return new Schedules(workload, FrameLog::new, false, new Seen());
    }

    /** @throws AssertionError if something is lost, or there that should not be */
    void run(long seed) {
        Random chance = new Random(seed * 0x9E3779B97F4A7C15L);
        SimulatedDisk disk = new SimulatedDisk(chance);
        Workload load = workload.get();
        try {
            int crashes = 1 + chance.nextInt(4);
            for (int i = 0; i < crashes; i++) {
                boolean powerLost = untilCrash(disk, load, chance);
                Store store = SimulatedStore.open(disk, log, skipSyncOfDrops).store();
                load.check(store, powerLost);
                seen.opened(store, powerLost);
                if (chance.nextBoolean()) {
                    store.close();
                }
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with -Dfiso.schedules=1 -Dfiso.seed=" + seed + ": " + e.getMessage(), e);
        }
    }

    private boolean untilCrash(SimulatedDisk disk, Workload load, Random chance) {
        if (chance.nextInt(8) == 0) {
            disk.crashAfter(chance.nextInt(8));
        }
        Store store = null;
        try {
            SimulatedStore.Opened opened = SimulatedStore.open(disk, log, skipSyncOfDrops);
            store = opened.store();
            disk.crashAfter(chance.nextInt(load.operationsMax() * (chance.nextInt(4) == 0 ? 5 : 1)));
            if (chance.nextInt(5) == 0) {
                disk.failAfter(chance.nextInt(40), chance.nextBoolean());
            } else if (chance.nextInt(4) == 0) {
                disk.room(chance.nextInt(20_000));
            }
            long idle = 0;
            while (!disk.isDead() && idle < 5) {
                long before = disk.operations();
                load.step(opened, disk, chance);
                seen.stepped(disk);
                idle = disk.operations() == before ? idle + 1 : 0;
            }
        } catch (SimulatedDisk.Crash _) {
            // It has come.
        } catch (BrokerException e) {
            if (!disk.isDead()) {
                throw e;
            }
        }
        disk.crashAfter(0);
        forget(store);
        boolean powerLost = chance.nextInt(3) > 0;
        if (powerLost) {
            disk.afterPowerLoss();
        } else {
            disk.afterProcessDeath();
        }
        return powerLost;
    }

    /** Lets go of what the store has in memory; the disk is dead, so nothing of it gets there. */
    private static void forget(@Nullable Store store) {
        if (store != null) {
            try {
                store.close();
            } catch (SimulatedDisk.Crash _) {
                // As it should.
            }
        }
    }
}
