// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    private final ArrayDeque<Injection> injected = new ArrayDeque<>();
    private boolean injectedHolds;

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
        if (!injectedHolds) {
            over();
            heldUntilNanos = Long.MIN_VALUE;
        }
    }

    /** Returns true if there is more to do at once. */
    boolean pump(List<Inbox> inboxes, long now) {
        if (now < heldUntilNanos) {
            return false;
        }
        heldUntilNanos = Long.MIN_VALUE;
        // The event that holds must be the first one tried again, or its attempts would be counted for another.
        if (!injected.isEmpty() && (failedAttempts == 0 || injectedHolds) && !pumpInjected(inboxes, now)) {
            return false;
        }
        int budget = EVENTS_PER_TURN;
        int count = inboxes.size();
        for (int i = 0; i < count; i++) {
            Inbox inbox = inboxes.get((first + i) % count);
            budget = pump(inbox, budget, now);
            if (budget < 0) {
                first = (first + i) % count;
                return false;
            }
            if (budget == 0) {
                first = (first + i + 1) % count;
                return true;
            }
        }
        first = 0;
        return injectedDue(inboxes);
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
            core.inheritInjection(
                    records.flags[index],
                    records.buffers[index],
                    records.offsets[index],
                    records.lengths[index],
                    outputs);
            DeliveryException tooLarge = core.completed(ledger, sequence, false, outputs);
            if (tooLarge != null) {
                return failed(tooLarge, records, index, ledger, sequence, now);
            }
            if (failedAttempts > 0) {
                over();
            }
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
        String key = OrderKeys.text(records.keyBuffers[index], records.keyOffsets[index], records.keyLengths[index]);
        if (!attempts.giveUp(ledger, sequence, records.flags[index], this, key, failure)) {
            heldUntilNanos = now + attempts.holdNanos(reason);
            return false;
        }
        over();
        return true;
    }

    private void over() {
        failedAttempts = 0;
        attempts.over(this);
    }

    // ---- injected events -----------------------------------------------------------------------------------------

    /** Takes an injected event behind everything that has arrived by now. */
    void inject(InputLedger ledger, Records staged, List<Inbox> inboxes) {
        Records record = new Records(1);
        record.addFrom(staged, 0);
        Map<EdgeLedger, Long> after = new HashMap<>();
        for (Inbox inbox : inboxes) {
            after.put(inbox.ledger(), inbox.ledger().next());
        }
        injected.add(new Injection(ledger, record, after));
    }

    /** False if its attempt failed and is to be made again, before anything else. */
    private boolean pumpInjected(List<Inbox> inboxes, long now) {
        while (!injected.isEmpty()) {
            Injection next = injected.element();
            if (!core.hasRoom() || !next.due(inboxes)) {
                return true;
            }
            injectedHolds = !process(next.record(), 0, next.ledger(), 1, now);
            if (injectedHolds) {
                return false;
            }
            injected.remove();
        }
        return true;
    }

    private boolean injectedDue(List<Inbox> inboxes) {
        return !injected.isEmpty() && core.hasRoom() && injected.element().due(inboxes);
    }

    /**
     * An injected event that waits.
     *
     * @param after what had arrived before it: everything below these numbers
     */
    private record Injection(InputLedger ledger, Records record, Map<EdgeLedger, Long> after) {
        boolean due(List<Inbox> inboxes) {
            for (Inbox inbox : inboxes) {
                Long number = after.get(inbox.ledger());
                if (number != null && !inbox.arrivals.isEmpty() && inbox.arrivals.sequence() < number) {
                    return false;
                }
            }
            return true;
        }
    }
}
