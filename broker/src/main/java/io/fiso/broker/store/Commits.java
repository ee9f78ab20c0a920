// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/** Applies writes and commits them. Not thread-safe: one thread's. */
final class Commits {
    private static final Duration IDLE = Duration.ofMinutes(1);

    final Environment environment;
    private final FrameLog log;
    private final StoreSettings settings;
    private final LongSupplier nanoTime;
    private boolean syncWanted;
    private long syncBefore;

    Commits(Environment environment, FrameLog log, StoreSettings settings, LongSupplier nanoTime) {
        this.environment = environment;
        this.log = log;
        this.settings = settings;
        this.nanoTime = nanoTime;
    }

    /** What is to be done with the writes that are left. */
    private enum Next {
        NOTHING,
        /** One was left out; the others go again. */
        AGAIN,
        /** One of them cannot be committed; which, is not known. */
        EACH_ALONE
    }

    /** Commits all of these that do not fail, and tells each what became of it. */
    void commit(List<Write<?>> batch) {
        List<Write<?>> todo = new ArrayList<>(batch);
        Next next = Next.AGAIN;
        while (next == Next.AGAIN && !todo.isEmpty()) {
            next = attempt(todo);
        }
        if (next == Next.EACH_ALONE) {
            todo.forEach(write -> commit(List.of(write)));
        }
    }

    private Next attempt(List<Write<?>> writes) {
        BrokerException readOnly = readOnly();
        if (readOnly != null) {
            writes.forEach(write -> write.fail(readOnly));
            return Next.NOTHING;
        }
        Transaction transaction = environment.beginExclusiveTransaction();
        try {
            return attempt(writes, transaction);
        } finally {
            if (!transaction.isFinished()) {
                transaction.abort();
            }
        }
    }

    private Next attempt(List<Write<?>> writes, Transaction transaction) {
        TransactionChange change = new TransactionChange(environment, transaction, settings.entryBytesMax());
        BrokerException full = full();
        List<Write<?>> applied = new ArrayList<>(writes.size());
        for (Write<?> write : List.copyOf(writes)) {
            long before = change.touches();
            change.refusePuts(write.freeing() ? null : full);
            try {
                write.apply(change);
                applied.add(write);
            } catch (RuntimeException | Error e) {
                writes.remove(write);
                write.fail(e);
                if (change.touches() != before) {
                    return Next.AGAIN;
                }
            }
        }
        change.refusePuts(null);
        try {
            change.writeShared();
            commit(transaction, applied);
        } catch (RuntimeException | Error e) {
            return failed(e, applied);
        }
        log.activity().committed(applied.size());
        change.tellShared();
        applied.forEach(Write::succeed);
        return Next.NOTHING;
    }

    private void commit(Transaction transaction, List<Write<?>> applied) {
        log.setDurable(applied.stream().anyMatch(write -> write.durability() == Durability.FSYNC));
        try {
            if (!transaction.commit()) {
                throw new IllegalStateException("a commit that nobody could disturb was disturbed");
            }
        } finally {
            log.setDurable(true);
        }
        if (!syncWanted && applied.stream().anyMatch(write -> write.durability() == Durability.INTERVAL)) {
            syncWanted = true;
            syncBefore = nanoTime.getAsLong() + settings.syncInterval().toNanos();
        }
    }

    private Next failed(Throwable e, List<Write<?>> applied) {
        BrokerException refusal = readOnly();
        if (refusal == null && e instanceof DiskFull) {
            refusal = diskFull("the disk is full", e);
        }
        if (refusal == null && applied.size() > 1 && e instanceof RuntimeException) {
            return Next.EACH_ALONE; // The fault is one's: the others need not share it.
        }
        Throwable cause = refusal == null ? e : refusal;
        applied.forEach(write -> write.fail(cause));
        return Next.NOTHING;
    }

    private @Nullable BrokerException readOnly() {
        Throwable failure = log.failure();
        return failure == null
                ? null
                : new BrokerException(
                        Kind.UNAVAILABLE,
                        "broker.store_read_only",
                        "the disk failed (" + failure.getMessage()
                                + "), so the store takes no writes; see to the disk, then start the broker again",
                        failure);
    }

    /** Why nothing may be added, if so. */
    private @Nullable BrokerException full() {
        if (settings.bytesMax() != Long.MAX_VALUE && log.size() >= settings.bytesMax()) {
            return diskFull("the store has reached its bound of " + settings.bytesMax() + " bytes", null);
        }
        long free = settings.freeBytesMin() == 0 ? Long.MAX_VALUE : log.freeBytes();
        if (free < settings.freeBytesMin()) {
            return diskFull(
                    "the disk has " + free + " bytes left, and " + settings.freeBytesMin() + " are to stay free", null);
        }
        return null;
    }

    private static BrokerException diskFull(String what, @Nullable Throwable cause) {
        return new BrokerException(
                Kind.EXHAUSTED,
                "broker.disk_full",
                what + "; nothing was written. Delete or let expire what is not needed, or give it more room",
                cause);
    }

    /** How long it may take until {@link #syncIfDue} is called. */
    Duration untilSync() {
        return syncWanted ? Duration.ofNanos(Math.max(0, syncBefore - nanoTime.getAsLong())) : IDLE;
    }

    /** Puts on the disk what was promised to be there by now. */
    void syncIfDue() {
        if (syncWanted && syncBefore - nanoTime.getAsLong() <= 0) {
            syncWanted = false;
            log.forceAll();
        }
    }
}
