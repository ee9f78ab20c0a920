// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.delivery.DeliveryCore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets what a component has taken in settle, in bounded time. */
final class Drain {
    /** So long must nothing be unsettled to believe that nothing more comes, though no upstream has said so. */
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final Part part;
    private final CoreThread thread;
    private final Supplier<@Nullable DeliveryCore> core;
    private volatile long unsettled;
    private volatile boolean done;

    /** @param core asked on the core thread alone */
    Drain(Part part, CoreThread thread, Supplier<@Nullable DeliveryCore> core) {
        this.part = part;
        this.thread = thread;
        this.core = core;
    }

    /** How much was not settled when somebody last looked. */
    long unsettled() {
        return unsettled;
    }

    /** Looks; on the core thread. */
    void look() {
        DeliveryCore present = core.get();
        unsettled = present == null ? 0 : present.unsettled();
        done = present == null || present.done();
    }

    /** Takes in nothing more and waits until everything is settled and kept; false if the time was too short. */
    boolean within(Duration limit) {
        // What remains is for leaving.
        long deadline = System.nanoTime() + limit.toNanos() / 10 * 9;
        part.stopping();
        try {
            boolean clean = part.awaitEnded(deadline);
            thread.post(() -> {
                DeliveryCore present = core.get();
                if (present != null) {
                    present.drain();
                }
            });
            clean &= awaitSettled(deadline);
            return part.awaitKept(deadline) && clean;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean awaitSettled(long deadline) throws InterruptedException {
        while (true) {
            CountDownLatch looked = new CountDownLatch(1);
            thread.post(() -> {
                look();
                looked.countDown();
            });
            long left = deadline - System.nanoTime();
            if (left <= 0 || !looked.await(left, TimeUnit.NANOSECONDS)) {
                return false;
            }
            if (unsettled == 0) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Waits until all inputs have ended and everything is settled, or nothing has been unsettled for a while; at most so long. */
    void awaitQuiet(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        long quietSince = System.nanoTime();
        done = false;
        while (!done && System.nanoTime() - quietSince < QUIET_NANOS && System.nanoTime() - deadline < 0) {
            thread.post(this::look);
            TimeUnit.MILLISECONDS.sleep(50);
            if (unsettled > 0) {
                quietSince = System.nanoTime();
            }
        }
    }
}
