// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What became of events, as one message. Read it in this order: failures have failed; ranges name fates, also of sequences up to
 * {@link #upTo}; whatever {@code upTo} covers beyond them was delivered. Reused by its owner: valid during the call it is passed to.
 */
public final class Settlement {
    /** How many ranges one message may carry. */
    public static final int RANGES_MAX = 1024;

    private long upTo;
    private long[] firsts = new long[16];
    private long[] lasts = new long[16];
    private Fate[] fates = new Fate[16];
    private int ranges;
    private final List<Failed> failures = new ArrayList<>();
    private FateCounts totals = new FateCounts();

    /** An event that a component gave up on. */
    public record Failed(long sequence, Failure failure) {}

    /** Every sequence up to and including this one is settled. */
    public long upTo() {
        return upTo;
    }

    public void upTo(long sequence) {
        upTo = sequence;
    }

    public int ranges() {
        return ranges;
    }

    public long first(int range) {
        return firsts[range];
    }

    public long last(int range) {
        return lasts[range];
    }

    public Fate fate(int range) {
        return fates[range];
    }

    /** Adds a range; one that continues the last range with the same fate is joined to it. */
    public void addRange(long first, long last, Fate fate) {
        if (ranges > 0 && lasts[ranges - 1] + 1 == first && fates[ranges - 1] == fate) {
            lasts[ranges - 1] = last;
            return;
        }
        if (ranges == firsts.length) {
            firsts = Arrays.copyOf(firsts, ranges * 2);
            lasts = Arrays.copyOf(lasts, ranges * 2);
            fates = Arrays.copyOf(fates, ranges * 2);
        }
        firsts[ranges] = first;
        lasts[ranges] = last;
        fates[ranges] = fate;
        ranges++;
    }

    public List<Failed> failures() {
        return failures;
    }

    /** Totals by fate of everything settled on this call. */
    public FateCounts totals() {
        return totals;
    }

    public void totals(FateCounts counts) {
        totals = counts;
    }

    /** Makes it an empty message. */
    public void clear() {
        upTo = 0;
        ranges = 0;
        failures.clear();
    }
}
