// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * Tells an outage from bad luck: when so many different events in a row fail transiently, nothing is sent outside but one probe per
 * interval, and no attempts are spent, so that an outage does not end as a flood of dead letters.
 */
final class Circuit {
    static final int OPENS_AFTER = 5;

    private final long probeIntervalNanos;
    private int inRow;
    private long lastSequence = -1;
    private boolean open;
    private long probeAtNanos;

    Circuit(long probeIntervalNanos) {
        this.probeIntervalNanos = probeIntervalNanos;
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
        lastSequence = -1;
    }

    void failedTransiently(long sequence, long now) {
        if (open) {
            probeAtNanos = now + probeIntervalNanos;
            return;
        }
        if (sequence != lastSequence) {
            lastSequence = sequence;
            inRow++;
        }
        if (inRow >= OPENS_AFTER) {
            open = true;
            probeAtNanos = now + probeIntervalNanos;
        }
    }
}
