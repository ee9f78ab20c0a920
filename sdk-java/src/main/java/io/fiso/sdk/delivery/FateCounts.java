// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** How many events met which fate. */
public final class FateCounts {
    private final long[] counts = new long[5];

    /** Counts one event. */
    public void add(Fate fate) {
        counts[fate.ordinal()]++;
    }

    void add(int fate, long events) {
        counts[fate] += events;
    }

    /** How many events met this fate. */
    public long of(Fate fate) {
        return counts[fate.ordinal()];
    }

    /** Takes the value a message carried. */
    public void set(Fate fate, long count) {
        counts[fate.ordinal()] = count;
    }

    /** How many events have a fate at all. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    /** Takes over the counts of another. */
    public void copyFrom(FateCounts other) {
        System.arraycopy(other.counts, 0, counts, 0, counts.length);
    }

    /** Adds the counts of another. */
    public void addAll(FateCounts other) {
        for (int fate = 0; fate < counts.length; fate++) {
            counts[fate] += other.counts[fate];
        }
    }

    /** A copy that does not change any more. */
    public FateCounts copy() {
        FateCounts copy = new FateCounts();
        System.arraycopy(counts, 0, copy.counts, 0, counts.length);
        return copy;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Fate fate : Fate.values()) {
            text.append(text.isEmpty() ? "" : ", ").append(fate).append('=').append(of(fate));
        }
        return text.toString();
    }
}
