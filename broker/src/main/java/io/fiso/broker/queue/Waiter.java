// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;

/** One call that waits for a job. */
final class Waiter {
    /** Why it need not wait any longer. */
    enum Outcome {
        /** There may be a job. */
        WOKEN,
        /** It has waited as long as it wanted. */
        TIMED_OUT,
        /** Nobody wants the answer. */
        CANCELLED,
        /** The broker stops. */
        CLOSED
    }

    private boolean woken;
    private boolean timedOut;
    private boolean cancelled;
    private boolean closed;

    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    synchronized void timeOut() {
        timedOut = true;
        notifyAll();
    }

    synchronized void cancel() {
        cancelled = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Whether it was woken since this was last asked. Who asks looks for a job, or wakes another. */
    synchronized boolean takeWake() {
        boolean was = woken;
        woken = false;
        return was;
    }

    /** Leaves the wake there: see {@link #takeWake}. */
    synchronized Outcome await() {
        try {
            while (!(woken || timedOut || cancelled || closed)) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(Kind.UNAVAILABLE, "broker.interrupted", "interrupted while waiting for a job", e);
        }
        if (closed) {
            return Outcome.CLOSED;
        }
        if (cancelled) {
            return Outcome.CANCELLED;
        }
        return woken ? Outcome.WOKEN : Outcome.TIMED_OUT;
    }
}
