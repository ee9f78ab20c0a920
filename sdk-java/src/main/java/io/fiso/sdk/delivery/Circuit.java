// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.time.Duration;

/**
 * Tells an outage from bad luck: when so many different events in a row fail transiently, nothing is sent outside but one probe per
 * interval, and no attempts are spent, so that an outage does not end as a flood of dead letters.
 */
final class Circuit {
    static final int OPENS_AFTER = 5;

    private final long probeIntervalNanos;
    private final long[] failed = new long[OPENS_AFTER];
    private int inRow;
    private boolean open;
    private long probeAtNanos;
    private String reason = "";

    Circuit(Duration probeInterval) {
        this.probeIntervalNanos = probeInterval.toNanos();
    }

    boolean isOpen() {
        return open;
    }

    /** Whether the outside may be asked now: always while closed, else for one probe when its time has come. */
    boolean allows(long now, boolean othersRunning) {
        return !open || (!othersRunning && now >= probeAtNanos);
    }

    long probeAtNanos() {
        return open ? probeAtNanos : Long.MAX_VALUE;
    }

    /** The outside answered, whatever it said about the event. */
    void answered() {
        open = false;
        inRow = 0;
    }

    /**
     * The outside was out of reach for this event.
     *
     * @param arrival tells events apart
     * @param retryAfterNanos how long the outside asked to wait; 0 if it did not
     */
    void failedTransiently(long arrival, String why, long retryAfterNanos, long now) {
        reason = why;
        if (!open && isNew(arrival)) {
            failed[inRow++] = arrival;
            open = inRow == OPENS_AFTER;
        }
        if (open) {
            probeAtNanos = now + Math.max(probeIntervalNanos, retryAfterNanos);
        }
    }

    private boolean isNew(long arrival) {
        for (int i = 0; i < inRow; i++) {
            if (failed[i] == arrival) {
                return false;
            }
        }
        return true;
    }

    /** For status; empty while it is closed. */
    String holding() {
        return open
                ? "the circuit is open: the outside fails (" + reason
                        + "); one probe at a time asks whether it is back, and no attempts are spent"
                : "";
    }
}
