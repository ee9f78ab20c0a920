// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.List;

/** Runs a processor's code on the core's thread, over what has arrived. A retry holds everything, since everything is one lane. */
final class InlineWork {
    private static final int EVENTS_PER_TURN = 4096;

    private final DeliveryCore core;
    private final Work.InlineProcessor processor;
    private final Attempts attempts;
    private final Records outputs = new Records();
    private long heldUntilNanos = Long.MIN_VALUE;
    private int failedAttempts;
    private int first;

    InlineWork(DeliveryCore core, Work.InlineProcessor processor, Attempts attempts) {
        this.core = core;
        this.processor = processor;
        this.attempts = attempts;
    }

    long wakeAtNanos() {
        return heldUntilNanos;
    }

    /** The event that was being tried is not wanted any more. */
    void discard() {
        failedAttempts = 0;
        heldUntilNanos = Long.MIN_VALUE;
    }

    /** Returns true if there is more to do at once. */
    boolean pump(List<Inbox> inboxes, long now) {
        if (now < heldUntilNanos) {
            return false;
        }
        heldUntilNanos = Long.MIN_VALUE;
        int budget = EVENTS_PER_TURN;
        int count = inboxes.size();
        for (int i = 0; i < count; i++) {
            Inbox inbox = inboxes.get((first + i) % count);
            budget = pump(inbox, budget, now);
            if (budget < 0) {
                // The event that holds must be the first one tried again, or its attempts would be counted for another.
                first = (first + i) % count;
                return false;
            }
            if (budget == 0) {
                first = (first + i + 1) % count;
                return true;
            }
        }
        first = 0;
        return false;
    }

    private int pump(Inbox inbox, int budget, long now) {
        Arrivals arrivals = inbox.arrivals;
        EdgeLedger ledger = inbox.ledger();
        int left = budget;
        while (left > 0 && !arrivals.isEmpty() && core.hasRoom()) {
            long sequence = arrivals.sequence();
            if (!ledger.settled(sequence) && !process(arrivals.records(), arrivals.index(), ledger, sequence, now)) {
                return -1;
            }
            arrivals.take();
            left--;
        }
        return left;
    }

    private boolean process(Records records, int index, InputLedger ledger, long sequence, long now) {
        ledger.start(sequence);
        if (failedAttempts > 0) {
            attempts.retried();
        }
        try {
            processor.process(records, index, outputs);
            core.completed(ledger, sequence, false, outputs);
            failedAttempts = 0;
            return true;
        } catch (Exception reason) {
            if (reason instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return failed(attempts.classify(reason), records, index, ledger, sequence, now);
        } finally {
            outputs.clear();
        }
    }

    private boolean failed(
            DeliveryException reason, Records records, int index, InputLedger ledger, long sequence, long now) {
        failedAttempts++;
        if (!attempts.spent(reason, failedAttempts)) {
            heldUntilNanos = now + attempts.delayNanos(reason, failedAttempts);
            return false;
        }
        Failure failure = attempts.failure(
                reason, failedAttempts, records.buffers[index], records.offsets[index], records.lengths[index]);
        ledger.decide(sequence, Fate.FAILED, failure);
        failedAttempts = 0;
        return true;
    }

    /** An injected event: one attempt, at once. */
    void inject(InputLedger ledger, Records record) {
        try {
            processor.process(record, 0, outputs);
            core.completed(ledger, 1, false, outputs);
        } catch (Exception reason) {
            if (reason instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            DeliveryException classified = attempts.classify(reason);
            ledger.decide(
                    1,
                    Fate.FAILED,
                    attempts.failure(classified, 1, record.buffers[0], record.offsets[0], record.lengths[0]));
        } finally {
            outputs.clear();
        }
    }
}
