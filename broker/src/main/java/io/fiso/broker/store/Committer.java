// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives one thread's time to writes: those that wait are committed together. No write waits for ever, whatever becomes of that thread or the disk. */
final class Committer implements Writes {
    private static final System.Logger LOG = System.getLogger(Committer.class.getName());

    private final Commits commits;
    private final StoreSettings settings;
    private final BlockingQueue<Write<?>> waiting;
    private final Thread thread;
    private volatile boolean closed;

    /** What writes are told once it is closed. */
    private volatile BrokerException refusal =
            new BrokerException(Kind.UNAVAILABLE, "broker.closed", "the store takes no writes: it is closed");

    /** Set before the queue is emptied for the last time: who puts a write into it later takes it out again himself. */
    private volatile boolean ended;

    Committer(Commits commits, StoreSettings settings) {
        this.commits = commits;
        this.settings = settings;
        this.waiting = new ArrayBlockingQueue<>(settings.waitingMax());
        this.thread = Thread.ofPlatform().name("broker-committer").daemon(true).start(this::run);
    }

    @Override
    public <R> R write(Durability durability, boolean freeing, Function<Change, R> function) {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("a write cannot wait for another: it is inside one");
        }
        Write<R> write = new Write<>(durability, freeing, function);
        long deadline = System.nanoTime() + settings.waitMax().toNanos();
        try {
            if (closed) {
                throw refusal;
            }
            if (!waiting.offer(write, settings.waitMax().toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy();
            }
            if (ended) {
                refuseAll();
            }
            if (!write.await(deadline - System.nanoTime())) {
                if (write.cancel()) {
                    waiting.remove(write);
                    throw busy();
                }
                if (!write.await(settings.stallMax().toNanos())) {
                    throw new BrokerException(
                            Kind.UNAVAILABLE,
                            "broker.write_unknown",
                            "the disk has not answered within " + settings.stallMax()
                                    + "; the write may have happened or not");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            boolean cancelled = write.cancel();
            throw new BrokerException(
                    Kind.UNAVAILABLE,
                    "broker.interrupted",
                    cancelled ? "interrupted; nothing was written" : "interrupted; the write may have happened or not",
                    e);
        }
        return write.result();
    }

    private BrokerException busy() {
        return new BrokerException(
                Kind.EXHAUSTED,
                "broker.busy",
                "the write did not get its turn within " + settings.waitMax() + ": " + settings.waitingMax()
                        + " others may wait; try again later");
    }

    private void run() {
        List<Write<?>> batch = new ArrayList<>();
        try {
            while (!closed) {
                Write<?> first = waiting.poll(commits.untilSync().toNanos(), TimeUnit.NANOSECONDS);
                if (first != null) {
                    batch.add(first);
                    waiting.drainTo(batch, settings.batchMax() - 1);
                    batch.removeIf(write -> !write.begin());
                    commits.commit(batch);
                    batch.clear();
                }
                commits.syncIfDue();
            }
        } catch (Throwable e) { // Whatever it is: those who wait must hear of it.
            refusal = died(e);
        } finally {
            closed = true;
            ended = true;
            batch.forEach(write -> write.fail(refusal));
            refuseAll();
        }
    }

    private static BrokerException died(Throwable cause) {
        LOG.log(System.Logger.Level.ERROR, "broker: the committer ended; the store takes no writes", cause);
        return new BrokerException(
                Kind.UNAVAILABLE,
                "broker.write_failed",
                "the store failed: " + cause
                        + "; the write may have happened or not, and it takes no more until it is opened again",
                cause);
    }

    private void refuseAll() {
        for (Write<?> write = waiting.poll(); write != null; write = waiting.poll()) {
            write.fail(refusal);
        }
    }

    @Override
    public boolean close() {
        closed = true;
        // Wakes the thread if it waits; if there is no room it does not.
        boolean _ = waiting.offer(new Write<>(Durability.OS, true, _ -> ""));
        @Nullable InterruptedException interrupted = null;
        boolean over = false;
        try {
            over = thread.join(settings.stallMax());
        } catch (InterruptedException e) {
            interrupted = e;
        }
        if (interrupted != null) {
            Thread.currentThread().interrupt();
        }
        return over;
    }
}
