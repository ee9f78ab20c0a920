// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.nio.file.Path;
import java.util.function.Function;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Transaction;

/**
 * Sorted tables of bytes in one directory, for one process at a time.
 *
 * <ol>
 *   <li>Writes are applied one after the other by one thread, which commits many of them together and flushes once for all. What is read within a write
 *       is current, and stays so until the write is over.
 *   <li>{@link #write} returns when the write is as durable as asked. It blocks until then; any number of threads, virtual ones too, may wait at once.
 *   <li>A write that throws leaves nothing. A write is a function of what it reads: it may be run again if one that shares its commit has to be left out.
 *   <li>Reads never wait for writes.
 * </ol>
 */
public final class Store implements AutoCloseable {
    /** One page of the log is never larger than a file of it, and a value must fit into one. */
    private static final long LOG_FILE_KIB = 16 * 1024L;

    private final Environment environment;
    private final Committer committer;

    private Store(Environment environment) {
        this.environment = environment;
        this.committer = new Committer(environment);
    }

    /** Opens a directory, and makes it if it is not there. */
    public static Store open(Path directory) {
        EnvironmentConfig config = new EnvironmentConfig()
                .setLogDurableWrite(false)
                .setLogFileSize(LOG_FILE_KIB)
                .setLogLockTimeout(2_000)
                .setLogCacheShared(false)
                .setMemoryUsage(64L * 1024 * 1024)
                .setManagementEnabled(false)
                .setEnvCloseForcedly(true);
        try {
            return new Store(Environments.newInstance(directory.toFile(), config));
        } catch (ExodusException e) {
            throw new BrokerException(
                    Kind.UNAVAILABLE,
                    "broker.store_not_opened",
                    "the store in " + directory + " cannot be opened: " + e.getMessage()
                            + "; is another broker using it?",
                    e);
        }
    }

    /** What a view shows, taken at one moment. */
    public <R> R read(Function<View, R> reading) {
        Transaction transaction = environment.beginReadonlyTransaction();
        try {
            return reading.apply(new TransactionView(environment, transaction));
        } finally {
            transaction.abort();
        }
    }

    /**
     * Changes the store.
     *
     * @throws BrokerException what the write itself threw; or that the store takes no writes
     */
    public <R> R write(Durability durability, Function<Change, R> write) {
        return committer.write(durability, write);
    }

    @Override
    public void close() {
        committer.close();
        environment.close();
    }
}
