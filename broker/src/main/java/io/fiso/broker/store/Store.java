// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Transaction;
import jetbrains.exodus.io.DataReaderWriterProvider;

/**
 * Sorted tables of bytes in one directory, for one process at a time.
 *
 * <ol>
 *   <li>Writes are applied one after the other by one thread, which commits many of them together and flushes once for all. What is read within a write
 *       is current, and stays so until the write is over.
 *   <li>{@link #write} returns when the write is as durable as asked. It blocks until then, within the bounds of {@link StoreSettings}; any number of
 *       threads, virtual ones too, may wait at once.
 *   <li>A write that throws leaves nothing. A write is a function of what it reads: it may be run again if one that shares its commit has to be left out.
 *   <li>Reads never wait for writes.
 *   <li>Whatever happens to the process or the machine, what is there when the store is opened again is what the first so many commits left, and among
 *       them is every one that was answered as durable.
 *   <li>After an error of the disk nothing is written until the store is opened again. A full disk is no error: it refuses what adds to it, and takes
 *       writes again when there is room.
 *   <li>Nothing is read that is not as it was written: {@code broker.store_damaged} says which file, and where.
 * </ol>
 */
public final class Store implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Store.class.getName());

    /** Xodus would sync now and then by itself; when that is done is the committer's business. */
    private static final long NEVER_MILLIS = Long.MAX_VALUE / 4;

    private final Disk disk;
    private final FrameLog log;
    private final Environment environment;
    private final Writes writes;

    private Store(Disk disk, FrameLog log, Environment environment, Writes writes) {
        this.disk = disk;
        this.log = log;
        this.environment = environment;
        this.writes = writes;
    }

    /** How writes find the thread that commits them. */
    interface Writing {
        Writes over(Commits commits, StoreSettings settings);
    }

    /** Opens a directory, and makes it if it is not there. */
    public static Store open(Path directory) {
        return open(directory, StoreSettings.DEFAULT);
    }

    /**
     * Opens a directory, and makes it if it is not there.
     *
     * @throws BrokerException {@code broker.store_in_use}: another process has it, or this one has already; {@code broker.store_not_opened}: the disk fails;
     *     {@code broker.store_damaged}: what was durable is no longer as it was written
     */
    public static Store open(Path directory, StoreSettings settings) {
        RealDisk disk = new RealDisk(directory);
        return open(disk, new FrameLog(disk, settings), settings, Committer::new);
    }

    static Store open(Disk disk, FrameLog log, StoreSettings settings, Writing writing) {
        boolean opened = false;
        try {
            disk.lock();
            log.open();
            Environment environment = Environments.newInstance(new XodusLogConfig(log), config(settings));
            log.opened();
            Damage damage = log.damage();
            if (damage != null) {
                throw damage;
            }
            if (log.failure() != null) {
                throw new IOException(log.failure());
            }
            Recovery recovery = log.recovery();
            if (recovery.bytesDropped() > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "broker: the store in {0} was not closed; {1} bytes at its end belonged to no finished commit and were cut off",
                        disk.location(),
                        recovery.bytesDropped());
            }
            Commits commits = new Commits(environment, log, settings, System::nanoTime);
            Store store = new Store(disk, log, environment, writing.over(commits, settings));
            opened = true;
            return store;
        } catch (Damage e) {
            throw damaged(disk.location(), e);
        } catch (InUse e) {
            throw notOpened("broker.store_in_use", disk, e);
        } catch (ExodusException | IOException e) {
            Damage damage = log.damage();
            if (damage != null) {
                throw damaged(disk.location(), damage);
            }
            throw notOpened("broker.store_not_opened", disk, e);
        } finally {
            if (!opened) {
                release(disk, log);
            }
        }
    }

    private static BrokerException notOpened(String code, Disk disk, Exception cause) {
        return new BrokerException(
                Kind.UNAVAILABLE,
                code,
                "the store in " + disk.location() + " cannot be opened: " + cause.getMessage(),
                cause);
    }

    /** Whoever opens a store has more urgent things to do first. */
    private static final long COLLECT_START_MILLIS = 10_000;

    private static EnvironmentConfig config(StoreSettings settings) {
        return new EnvironmentConfig()
                .setLogDurableWrite(true) // A commit calls the log's sync, and that decides.
                .setLogSyncPeriod(NEVER_MILLIS)
                .setLogFileSize(settings.logFileBytes() / 1_024)
                .setLogCachePageSize(settings.pageBytes())
                .setLogCacheShared(true) // For the thread that collects garbage; see XodusLogConfig for the cache.
                .setMemoryUsage(settings.cacheBytes())
                // Not used, but with another name Xodus looks at the directory.
                .setLogDataReaderWriterProvider(DataReaderWriterProvider.IN_MEMORY_READER_WRITER_PROVIDER)
                .setGcEnabled(!settings.collectEvery().isZero())
                // Xodus itself looks only when it begins a file: what retention lets go would lie there until others
                // write.
                .setGcRunEvery((int) settings.collectEvery().toSeconds())
                .setGcStartIn((int)
                        Math.min(COLLECT_START_MILLIS, settings.collectEvery().toMillis()))
                .setManagementEnabled(false)
                .setEnvCloseForcedly(true);
    }

    private static BrokerException damaged(String location, Damage e) {
        return new BrokerException(
                Kind.UNAVAILABLE,
                "broker.store_damaged",
                "the store in " + location + " is damaged: " + e.getMessage()
                        + ". Put back a copy of the directory, or set this one aside and begin with an empty one",
                e);
    }

    /** What was found when the store was opened. */
    public Recovery recovery() {
        return log.recovery();
    }

    /** How many bytes the files of the store have together. */
    public long sizeBytes() {
        return log.size();
    }

    /** How many bytes the disk has left. */
    public long freeBytes() {
        return log.freeBytes();
    }

    /** Whether the disk has failed, so that nothing is written until the store is opened again. */
    public boolean readOnly() {
        return log.failure() != null;
    }

    /** What it has done. */
    public StoreActivity activity() {
        return log.activity();
    }

    /**
     * What a view shows, taken at one moment.
     *
     * @throws BrokerException {@code broker.store_damaged}, {@code broker.closed} or {@code broker.read_failed}
     */
    public <R> R read(Function<View, R> reading) {
        try {
            Transaction transaction = environment.beginReadonlyTransaction();
            try {
                return reading.apply(new TransactionView(environment, transaction));
            } finally {
                transaction.abort();
            }
        } catch (Damage e) {
            throw damaged(disk.location(), e);
        } catch (ExodusException e) {
            boolean open = environment.isOpen();
            throw new BrokerException(
                    Kind.UNAVAILABLE,
                    open ? "broker.read_failed" : "broker.closed",
                    open ? "the store cannot be read: " + e.getMessage() : "the store is closed",
                    e);
        }
    }

    /**
     * Changes the store.
     *
     * @throws BrokerException what the write itself threw; {@code broker.busy} if it did not get its turn, {@code broker.disk_full},
     *     {@code broker.value_too_large}, {@code broker.store_read_only}, {@code broker.store_damaged}, {@code broker.write_failed}, {@code broker.closed}:
     *     nothing was written; {@code broker.interrupted} and {@code broker.write_unknown}: see the message
     */
    public <R> R write(Durability durability, Function<Change, R> write) {
        return writes.write(durability, false, write);
    }

    /** As {@link #write}, for what makes more room than it takes, such as retention: passes when the store has reached a bound of its settings. */
    public <R> R free(Durability durability, Function<Change, R> write) {
        return writes.write(durability, true, write);
    }

    @Override
    public void close() {
        if (!writes.close()) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "broker: the disk under {0} does not answer; the store is left open",
                    disk.location());
            return;
        }
        log.closing();
        try {
            environment.close();
        } catch (ExodusException e) {
            LOG.log(System.Logger.Level.WARNING, "broker: the store did not close cleanly", e);
        } finally {
            release(disk, log);
        }
    }

    private static void release(Disk disk, FrameLog log) {
        try (disk) {
            log.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "broker: the store did not close cleanly", e);
        }
    }
}
