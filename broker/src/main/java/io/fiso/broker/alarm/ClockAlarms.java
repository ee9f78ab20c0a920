// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Alarms by a clock: one thread waits, and each alarm rings on a virtual thread of its own. After {@link #close} none rings. */
public final class ClockAlarms implements Alarms, AutoCloseable {
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor waiting = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("broker-alarms").factory());

    public ClockAlarms(InstantSource clock) {
        this.clock = clock;
        waiting.setRemoveOnCancelPolicy(true);
        waiting.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Alarm at(Instant when, Runnable ring) {
        // Rounded up: an alarm that rings too early finds nothing to do.
        long delay = Math.max(0, Duration.between(clock.instant(), when).toMillis() + 1);
        try {
            Future<?> set = waiting.schedule(
                    () -> {
                        Thread.ofVirtual().name("broker-alarm").start(ring);
                    },
                    delay,
                    TimeUnit.MILLISECONDS);
            return () -> set.cancel(false);
        } catch (RejectedExecutionException _) {
            return () -> {};
        }
    }

    /** How many are set and have not rung. */
    int pending() {
        return waiting.getQueue().size();
    }

    @Override
    public void close() {
        waiting.shutdownNow();
    }
}
