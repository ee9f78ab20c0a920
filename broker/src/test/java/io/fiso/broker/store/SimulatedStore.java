// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import jetbrains.exodus.env.EnvironmentImpl;
import jetbrains.exodus.gc.GarbageCollector;

/**
 * A store on a {@link SimulatedDisk}. Nothing runs in the background: a write is committed by whoever calls it, so that a seed says all that happens.
 */
final class SimulatedStore implements Writes {
    /** Small, so that few writes fill files and pages. */
    static final StoreSettings SETTINGS = StoreSettings.DEFAULT
            .withLog(16 << 10, 1 << 10, 64 << 10, Duration.ZERO)
            .withDiskBounds(Long.MAX_VALUE, 0)
            .withWaiting(16, 16, Duration.ofMinutes(1), Duration.ofMinutes(1));

    private final Commits commits;
    private final boolean skipSyncOfDrops;

    private SimulatedStore(Commits commits, boolean skipSyncOfDrops) {
        this.commits = commits;
        this.skipSyncOfDrops = skipSyncOfDrops;
    }

    /** A store, and how to have writes committed together. */
    record Opened(Store store, SimulatedStore together) {}

    static Opened open(SimulatedDisk disk, BiFunction<Disk, StoreSettings, FrameLog> log, boolean skipSyncOfDrops) {
        SimulatedStore[] together = new SimulatedStore[1];
        Store store = Store.open(disk, log.apply(disk, SETTINGS), SETTINGS, (commits, _) -> {
            together[0] = new SimulatedStore(commits, skipSyncOfDrops);
            return together[0];
        });
        return new Opened(store, together[0]);
    }

    void commit(List<Write<?>> writes) {
        writes.forEach(Write::begin);
        commits.commit(writes);
    }

    /** Moves what is alive in the oldest file to the end of the log and deletes the file, as it happens in the background otherwise. */
    void collectGarbage() {
        EnvironmentImpl environment = (EnvironmentImpl) commits.environment;
        GarbageCollector garbage = environment.getGC();
        long[] newestFirst = environment.getLog().getAllFileAddresses();
        if (newestFirst.length > 1) {
            garbage.doCleanFile(newestFirst[newestFirst.length - 1]);
            garbage.testDeletePendingFiles();
        }
    }

    boolean skipsSyncOfDrops() {
        return skipSyncOfDrops;
    }

    @Override
    public synchronized <R> R write(Durability durability, boolean freeing, Function<Change, R> function) {
        Write<R> write = new Write<>(durability, freeing, function);
        commit(List.of(write));
        return write.result();
    }

    @Override
    public boolean close() {
        return true;
    }
}
