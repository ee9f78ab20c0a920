// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeliveryException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches calls of the author's code: interrupts one that is over its time. A call that goes on for as long again does not hear interrupts;
 * then the component fails, because only the end of the process ends the call. Trying the event again beside it could bring it outside behind
 * a later one of its key (guarantee D2).
 */
final class CallWatch implements AutoCloseable {
    private final Duration timeout;
    private final Consumer<Throwable> failures;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Thread thread;

    CallWatch(Duration timeout, Consumer<Throwable> failures) {
        this.timeout = timeout;
        this.failures = failures;
        this.thread = Thread.ofVirtual().name("fiso-call-timeouts").start(this::watch);
    }

    /** For a thread that makes one call at a time. */
    Call calls() {
        Call call = new Call();
        calls.add(call);
        return call;
    }

    /** What a call that was interrupted counts as. */
    DeliveryException timedOut() {
        return DeliveryException.transientFailure(
                "TIMEOUT", "no answer within the call timeout of " + timeout.toMillis() + " ms");
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        long pause = Math.clamp(timeout.toMillis() / 10, 5, 1_000);
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(pause);
                long now = System.nanoTime();
                for (Call call : calls) {
                    if (call.ignoresInterrupts(now)) {
                        failures.accept(
                                new IllegalStateException(
                                        "a call did not end within " + timeout.toMillis()
                                                + " ms after its timeout of " + timeout.toMillis()
                                                + " ms, though it was interrupted; the component ends so that nothing outlives a retry"));
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // The process ends.
        }
    }

    /** One call after the other. */
    final class Call {
        private @Nullable Thread caller;
        private boolean over;
        private long deadlineNanos;

        synchronized void begin(long now) {
            deadlineNanos = now + timeout.toNanos();
            over = false;
            caller = Thread.currentThread();
        }

        /** Ends the call; true if it was over its time. */
        synchronized boolean end() {
            caller = null;
            if (over) {
                // An interrupt that came too late must not hit the next call.
                Thread.interrupted();
            }
            return over;
        }

        /** Interrupts a call that is over its time; true if that was long ago. */
        private synchronized boolean ignoresInterrupts(long now) {
            Thread running = caller;
            if (running == null || now - deadlineNanos <= 0) {
                return false;
            }
            if (!over) {
                over = true;
                running.interrupt();
            }
            return now - deadlineNanos > timeout.toNanos();
        }
    }
}
