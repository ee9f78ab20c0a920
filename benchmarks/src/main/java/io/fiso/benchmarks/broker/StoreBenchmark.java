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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/**
 * Durable puts a second by 1, 16 and 64 writers: to the broker's store, to Xodus bare with one committer thread, and to a plain file with group commit.
 * The three take turns, so that what disturbs the machine disturbs all; prints each round, and the medians.
 *
 * <pre>
 * java --add-opens java.base/sun.nio.ch=ALL-UNNAMED -cp … io.fiso.benchmarks.broker.StoreBenchmark DIRECTORY [rounds [seconds]]
 * </pre>
 */
public final class StoreBenchmark {
    private static final int VALUE_BYTES = 200;
    private static final List<Integer> WRITERS = List.of(1, 16, 64);

    private StoreBenchmark() {}

    /** What is measured: a put returns when it is durable. */
    private interface Subject extends AutoCloseable {
        void put(byte[] key, byte[] value);

        @Override
        void close();
    }

    private enum Kind {
        FISO,
        XODUS,
        FILE;

        Subject open(Path directory) {
            return switch (this) {
                case FISO -> new Fiso(Store.open(directory));
                case XODUS -> new BareXodus(directory.toFile());
                case FILE -> new GroupFile(directory.resolve("file"));
            };
        }
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Duration time = Duration.ofSeconds(args.length > 2 ? Integer.parseInt(args[2]) : 4);
        for (int writers : WRITERS) {
            List<List<Double>> rates = new ArrayList<>();
            for (Kind _ : Kind.values()) {
                rates.add(new ArrayList<>());
            }
            for (int round = -1; round < rounds; round++) { // The first warms up.
                for (Kind kind : Kind.values()) {
                    double rate = measure(kind, Files.createTempDirectory(root, "store"), writers, time);
                    if (round >= 0) {
                        rates.get(kind.ordinal()).add(rate);
                    }
                }
            }
            for (Kind kind : Kind.values()) {
                List<Double> all = rates.get(kind.ordinal());
                System.out.printf(
                        Locale.ROOT,
                        "%2d writers  %-6s %8.0f puts/s  of %s%n",
                        writers,
                        kind,
                        median(all),
                        rounded(all));
            }
        }
    }

    private static double measure(Kind kind, Path directory, int writers, Duration time) throws Exception {
        LongAdder done = new LongAdder();
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        try (Subject subject = kind.open(directory)) {
            List<Thread> threads = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int id = writer;
                threads.add(Thread.ofPlatform().start(() -> {
                    byte[] value = new byte[VALUE_BYTES];
                    for (long i = 0; System.nanoTime() < end; i++) {
                        subject.put(
                                ByteBuffer.allocate(12).putInt(id).putLong(i).array(), value);
                        done.increment();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
        return done.sum() / seconds;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static List<Long> rounded(List<Double> values) {
        return values.stream().map(Math::round).toList();
    }

    private record Fiso(Store store) implements Subject {
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

    private record Put(byte[] key, byte[] value, CountDownLatch done) {}

    /** One thread that takes all that waits, does something with it once, and lets them go. */
    private abstract static class Grouping implements Subject {
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

    private static final class BareXodus extends Grouping {
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

    private static final class GroupFile extends Grouping {
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
