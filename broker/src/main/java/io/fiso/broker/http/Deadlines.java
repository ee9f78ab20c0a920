// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts who reads for too long: that closes the channel he reads from, so a client that sends little by little holds nothing for ever. */
final class Deadlines implements AutoCloseable {
    private final ScheduledThreadPoolExecutor waiting = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("broker-http-deadlines").factory());
    private final Duration after;

    Deadlines(Duration after) {
        this.after = after;
        waiting.setRemoveOnCancelPolicy(true);
    }

    /** For the thread that calls; it closes what it gets when it has read all. */
    Deadline begin() {
        return new Deadline();
    }

    @Override
    public void close() {
        waiting.shutdownNow();
    }

    /** Rings once, or never once it was closed. May be closed more than once. */
    final class Deadline implements AutoCloseable {
        private final Thread reading = Thread.currentThread();
        private final Future<?> set;
        private boolean over;

        private Deadline() {
            Future<?> made = null;
            try {
                made = waiting.schedule(this::ring, after.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException _) {
                reading.interrupt(); // The face is closing.
            }
            set = made == null ? CompletableFuture.completedFuture(null) : made;
        }

        private synchronized void ring() {
            if (!over) {
                reading.interrupt();
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            set.cancel(false);
        }
    }
}
