// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;

/** The events received from one emitter since its numbers began, and the settlements to report for them. */
final class EdgeLedger extends InputLedger {
    private int[] lengths = new int[16];
    private long[] fresh = new long[16];
    private int freshCount;
    private long reportedUpTo;
    private long emitterKnowsUpTo;
    private int islands;
    private long unsettled;
    private long unsettledBytes;
    private final FateCounts counts;
    private final FateCounts totals = new FateCounts();

    EdgeLedger(FateCounts counts) {
        this.counts = counts;
    }

    long received(int length) {
        long entry = append();
        lengths[slot(entry)] = length;
        unsettled++;
        unsettledBytes += length;
        return entry;
    }

    @Override
    void grow(int oldCapacity) {
        lengths = Rings.grown(lengths, base(), next());
    }

    long unsettled() {
        return unsettled;
    }

    long unsettledBytes() {
        return unsettledBytes;
    }

    /** How many runs of settled events lie above the oldest unsettled one. */
    int islands() {
        return islands;
    }

    FateCounts totals() {
        return totals;
    }

    @Override
    void onSettled(long entry, Fate fate, boolean inOrder) {
        unsettled--;
        unsettledBytes -= lengths[slot(entry)];
        counts.add(fate);
        totals.add(fate);
        if (inOrder) {
            if (settledUpTo() > entry) {
                islands--;
            }
        } else {
            boolean left = entry > base() && settled(entry - 1);
            boolean right = entry + 1 < next() && settled(entry + 1);
            islands += 1 - (left ? 1 : 0) - (right ? 1 : 0);
        }
        if (!inOrder || fate != Fate.DELIVERED) {
            addFresh(entry);
        }
    }

    private void addFresh(long entry) {
        if (freshCount == fresh.length) {
            fresh = Arrays.copyOf(fresh, freshCount * 2);
        }
        fresh[freshCount++] = entry;
    }

    /** The emitter has seen every settlement up to here: fates and failures need not be told again. */
    void emitterKnows(long upTo) {
        if (upTo > emitterKnowsUpTo) {
            emitterKnowsUpTo = upTo;
            forgetReported();
        }
    }

    private void forgetReported() {
        // Fresh entries are read back from their slots when they are reported, so they stay until then.
        if (freshCount == 0) {
            forget(Math.min(emitterKnowsUpTo, reportedUpTo));
        }
    }

    /** A new call stands: tell everything again that the emitter may not have seen. */
    void reportAgain() {
        freshCount = 0;
        reportedUpTo = base() - 1;
        for (long entry = base(); entry < next(); entry++) {
            if (settled(entry) && (entry > settledUpTo() || fate(entry) != Fate.DELIVERED)) {
                addFresh(entry);
            }
        }
    }

    boolean hasReport() {
        return freshCount > 0 || settledUpTo() > reportedUpTo;
    }

    /**
     * Sends what is new since the last report, in as many messages as the bound on ranges asks for. Each of them says all there is to say up to its last
     * sequence: if the emitter hears no more than that, it must not take a later event of a key for settled and an earlier one for not.
     */
    void report(UpstreamLink link, Settlement message) {
        Arrays.sort(fresh, 0, freshCount);
        message.clear();
        message.totals(totals);
        for (int i = 0; i < freshCount; i++) {
            long entry = fresh[i];
            Fate fate = fate(entry);
            Failure failure = failure(entry);
            if (fate == Fate.FAILED && failure != null) {
                message.failures().add(new Settlement.Failed(entry, failure));
            } else if (entry > settledUpTo() || fate != Fate.DELIVERED) {
                message.addRange(entry, entry, fate);
            }
            if (message.ranges() == Settlement.RANGES_MAX || message.failures().size() == Settlement.RANGES_MAX) {
                message.upTo(Math.max(reportedUpTo, Math.min(entry, settledUpTo())));
                link.settle(message);
                message.clear();
            }
        }
        freshCount = 0;
        reportedUpTo = settledUpTo();
        message.upTo(reportedUpTo);
        link.settle(message);
        forgetReported();
    }
}
