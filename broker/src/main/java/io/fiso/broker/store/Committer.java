// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/** Applies writes one after the other, and commits together those that wait. */
final class Committer implements AutoCloseable {
    /** How many writes wait at most, and how many are committed together. */
    private static final int WRITES_MAX = 1_024;

    private final BlockingQueue<Write<?>> waiting = new ArrayBlockingQueue<>(WRITES_MAX);
    private final Environment environment;
    private final Thread thread;
    private volatile boolean closed;

    Committer(Environment environment) {
        this.environment = environment;
        this.thread = Thread.ofPlatform().name("broker-committer").start(this::run);
    }

    /** One caller's write, and what became of it. */
    private static final class Write<R> {
        final Durability durability;
        private final Function<Change, R> function;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable R result;
        private @Nullable Throwable failure;

        Write(Durability durability, Function<Change, R> function) {
            this.durability = durability;
            this.function = function;
        }

        void apply(Change change) {
            result = function.apply(change);
        }

        void fail(Throwable cause) {
            failure = cause;
            done.countDown();
        }

        void succeed() {
            done.countDown();
        }

        @SuppressWarnings("NullAway") // The result is as the function gave it.
        R await() throws InterruptedException {
            done.await();
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException exception) {
                throw exception;
            }
            return result;
        }
    }

    <R> R write(Durability durability, Function<Change, R> function) {
        Write<R> write = new Write<>(durability, function);
        try {
            if (closed) {
                throw closed();
            }
            waiting.put(write);
            return write.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.interrupted", "interrupted; the write may have happened or not", e);
        }
    }

    private void run() {
        List<Write<?>> batch = new ArrayList<>();
        while (!closed) {
            try {
                batch.add(waiting.take());
            } catch (InterruptedException _) {
                break;
            }
            waiting.drainTo(batch, WRITES_MAX - 1);
            commit(batch);
            batch.clear();
        }
        for (Write<?> write = waiting.poll(); write != null; write = waiting.poll()) {
            write.fail(closed());
        }
    }

    private void commit(List<Write<?>> batch) {
        List<Write<?>> todo = new ArrayList<>(batch);
        while (!todo.isEmpty() && !attempt(todo)) {
            // One was left out; the others go again.
        }
    }

    /** Whether all that is left of these was committed. */
    private boolean attempt(List<Write<?>> writes) {
        Transaction transaction = environment.beginExclusiveTransaction();
        TransactionChange change = new TransactionChange(environment, transaction);
        List<Write<?>> applied = new ArrayList<>(writes.size());
        boolean durable = false;
        for (Write<?> write : List.copyOf(writes)) {
            long before = change.touches();
            try {
                write.apply(change);
                applied.add(write);
                durable |= write.durability == Durability.FSYNC;
            } catch (RuntimeException | Error e) {
                writes.remove(write);
                write.fail(e);
                if (change.touches() != before) {
                    transaction.abort();
                    return false;
                }
            }
        }
        try {
            change.writeShared();
            environment.getEnvironmentConfig().setLogDurableWrite(durable);
            transaction.commit();
        } catch (RuntimeException e) {
            transaction.abort();
            RuntimeException failure =
                    new BrokerException(Kind.UNAVAILABLE, "broker.write_failed", "the store failed: " + e, e);
            applied.forEach(write -> write.fail(failure));
            return true;
        }
        applied.forEach(Write::succeed);
        return true;
    }

    private static BrokerException closed() {
        return new BrokerException(Kind.UNAVAILABLE, "broker.closed", "the broker is shutting down");
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
