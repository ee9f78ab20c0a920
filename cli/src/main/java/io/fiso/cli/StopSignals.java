// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/** Ctrl-C and SIGTERM. The first one asks politely; the second one is an order, which {@code onSecond} carries out before the process ends with 128 + the signal. */
final class StopSignals {
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final Runnable onSecond;
    private volatile int number;

    private StopSignals(Runnable onSecond) {
        this.onSecond = onSecond;
    }

    /** Takes over both signals for the rest of the process. */
    static StopSignals install(Runnable onSecond) {
        StopSignals signals = new StopSignals(onSecond);
        Signal.handle(new Signal("INT"), signals::arrived);
        Signal.handle(new Signal("TERM"), signals::arrived);
        return signals;
    }

    private void arrived(Signal signal) {
        if (count.incrementAndGet() == 1) {
            number = signal.getNumber();
            first.countDown();
            return;
        }
        try {
            onSecond.run();
        } finally {
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
    }

    /** Whether somebody asked to stop. */
    boolean stopRequested() {
        return first.getCount() == 0;
    }

    /** The exit code of a process that the first signal ends. */
    int exit() {
        return 128 + number;
    }

    /** Waits for the first signal. */
    void await() throws InterruptedException {
        first.await();
    }

    /** Waits for the first signal, at most so long; whether it came. */
    boolean await(Duration atMost) throws InterruptedException {
        return first.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
