// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/** Something that keeps values: a put returns when it is durable. Thread-safe. */
interface DurablePuts extends AutoCloseable {
    void put(byte[] key, byte[] value);

    @Override
    void close();

    /** What there is to compare. */
    enum Kind {
        /** The broker's store. */
        FISO,
        /** Xodus bare, with one committer thread. */
        XODUS,
        /** A plain file with group commit. */
        FILE;

        /** @param directory empty, and there */
        DurablePuts open(Path directory) {
            return switch (this) {
                case FISO -> new Fiso(Store.open(directory));
                case XODUS -> new BareXodus(directory.toFile());
                case FILE -> new GroupFile(directory.resolve("file"));
            };
        }
    }

    record Fiso(Store store) implements DurablePuts {
        @Override
        public void put(byte[] key, byte[] value) {
            store.write(Durability.FSYNC, change -> {
                change.put("t", key, value);
                return "";
            });
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** One that waits. */
    record Put(byte[] key, byte[] value, CountDownLatch done) {}

    /** One thread that takes all that waits, does something with it once, and lets them go. */
    abstract class Grouping implements DurablePuts {
        private final BlockingQueue<Put> waiting = new ArrayBlockingQueue<>(1_024);
        private Thread thread = new Thread(() -> {});

        void begin(Consumer<List<Put>> commit) {
            thread = Thread.ofPlatform().daemon(true).start(() -> {
                List<Put> batch = new ArrayList<>();
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        batch.add(waiting.take());
                        waiting.drainTo(batch);
                        commit.accept(batch);
                        batch.forEach(put -> put.done().countDown());
                        batch.clear();
                    }
                } catch (InterruptedException _) {
                    // It is over.
                }
            });
        }

        @Override
        public void put(byte[] key, byte[] value) {
            Put put = new Put(key, value, new CountDownLatch(1));
            try {
                waiting.put(put);
                put.done().await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void end() {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    final class BareXodus extends Grouping {
        private final Environment environment;

        BareXodus(File directory) {
            environment = Environments.newInstance(
                    directory,
                    new EnvironmentConfig()
                            .setLogDurableWrite(true)
                            .setLogFileSize(16 * 1024L)
                            .setLogCacheShared(false)
                            .setMemoryUsage(64L << 20)
                            .setManagementEnabled(false)
                            .setEnvCloseForcedly(true));
            begin(this::commit);
        }

        private void commit(List<Put> batch) {
            Transaction transaction = environment.beginExclusiveTransaction();
            for (Put put : batch) {
                environment
                        .openStore("t", StoreConfig.WITHOUT_DUPLICATES, transaction)
                        .put(transaction, new ArrayByteIterable(put.key()), new ArrayByteIterable(put.value()));
            }
            transaction.commit();
        }

        @Override
        public void close() {
            end();
            environment.close();
        }
    }

    final class GroupFile extends Grouping {
        private final RandomAccessFile file;

        GroupFile(Path path) {
            try {
                file = new RandomAccessFile(path.toFile(), "rw");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            begin(this::commit);
        }

        private void commit(List<Put> batch) {
            ByteBuffer buffer = ByteBuffer.allocate(batch.stream()
                    .mapToInt(put -> 8 + put.key().length + put.value().length)
                    .sum());
            batch.forEach(put -> buffer.putInt(put.key().length)
                    .putInt(put.value().length)
                    .put(put.key())
                    .put(put.value()));
            try {
                file.write(buffer.array());
                file.getFD().sync();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            end();
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
