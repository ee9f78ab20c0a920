// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of one upstream, or of one source partition, numbered densely, and what is outstanding for each. An event is settled when all
 * outputs made from it are; the heaviest fate stands.
 */
abstract class InputLedger {
    private static final byte STARTED = 1;
    private static final byte SETTLED = 2;
    private static final byte RECALLED = 4;

    private byte[] states = new byte[16];
    private byte[] fates = new byte[16];
    private int[] outstanding = new int[16];
    private final Map<Long, Failure> failures = new HashMap<>();
    private long base = 1;
    private long next = 1;
    private long settledUpTo;
    private boolean retired;

    /** The number of the event after the last. */
    final long next() {
        return next;
    }

    /** The oldest event that is still remembered. */
    final long base() {
        return base;
    }

    final long settledUpTo() {
        return settledUpTo;
    }

    /** True once nobody waits for these events any more: what becomes of them is ignored. */
    final boolean retired() {
        return retired;
    }

    /** How many events it remembers, and how many failures. */
    final long remembered() {
        return next - base + failures.size();
    }

    final void retire() {
        retired = true;
    }

    final int capacity() {
        return states.length;
    }

    final int slot(long entry) {
        return (int) entry & (states.length - 1);
    }

    final long append() {
        if (next - base == states.length) {
            int old = states.length;
            states = Rings.grown(states, base, next);
            fates = Rings.grown(fates, base, next);
            outstanding = Rings.grown(outstanding, base, next);
            grow(old);
        }
        int slot = slot(next);
        states[slot] = 0;
        fates[slot] = 0;
        outstanding[slot] = 0;
        return next++;
    }

    /** Grows what a subclass keeps per slot to {@link #capacity}. */
    void grow(int oldCapacity) {}

    final boolean settled(long entry) {
        return entry < base || (states[slot(entry)] & SETTLED) != 0;
    }

    final boolean started(long entry) {
        return entry < base || states[slot(entry)] != 0;
    }

    final void start(long entry) {
        states[slot(entry)] |= STARTED;
    }

    /** The emitter wants this event back, though its work here has begun: what that makes is not wanted any more. */
    final void recall(long entry) {
        states[slot(entry)] |= RECALLED;
    }

    final boolean recalled(long entry) {
        return entry >= base && (states[slot(entry)] & RECALLED) != 0;
    }

    final Fate fate(long entry) {
        return Fate.of(fates[slot(entry)]);
    }

    final @Nullable Failure failure(long entry) {
        return failures.isEmpty() ? null : failures.get(entry);
    }

    /** The event became this many outputs; none means that it matched no edge or that a rule decided against it. */
    final void produced(long entry, int outputs) {
        if (outputs == 0) {
            decide(entry, Fate.FILTERED, null);
        } else {
            start(entry);
            outstanding[slot(entry)] = outputs;
        }
    }

    /** One of the event's outputs is settled. */
    final void outputSettled(long entry, Fate fate, @Nullable Failure failure) {
        if (retired || settled(entry)) {
            return;
        }
        int slot = slot(entry);
        merge(slot, entry, fate, failure);
        if (--outstanding[slot] == 0) {
            decided(entry, Fate.of(fates[slot]));
        }
    }

    /** The event's fate is known here, with nothing outstanding. */
    final void decide(long entry, Fate fate, @Nullable Failure failure) {
        if (retired || settled(entry)) {
            return;
        }
        start(entry);
        merge(slot(entry), entry, fate, failure);
        decided(entry, fate);
    }

    private void merge(int slot, long entry, Fate fate, @Nullable Failure failure) {
        if (fate.ordinal() > fates[slot]) {
            fates[slot] = (byte) fate.ordinal();
        }
        if (failure != null) {
            // An event that failed on several paths is missing on each of them: its dead letter must name them all.
            failures.merge(entry, failure, Failure::and);
        }
    }

    /** The fate is decided on every path; settles it unless something durable must come first. */
    void decided(long entry, Fate fate) {
        settle(entry);
    }

    final void settle(long entry) {
        int slot = slot(entry);
        states[slot] |= SETTLED;
        boolean inOrder = entry == settledUpTo + 1;
        if (inOrder) {
            settledUpTo = entry;
            while (settledUpTo + 1 < next && (states[slot(settledUpTo + 1)] & SETTLED) != 0) {
                settledUpTo++;
            }
        }
        onSettled(entry, Fate.of(fates[slot]), inOrder);
    }

    abstract void onSettled(long entry, Fate fate, boolean inOrder);

    /** Forgets everything up to and including this event, which must be settled. */
    final void forget(long upTo) {
        long until = Math.min(upTo, settledUpTo);
        if (!failures.isEmpty()) {
            for (long entry = base; entry <= until && !failures.isEmpty(); entry++) {
                failures.remove(entry);
            }
        }
        if (until >= base) {
            base = until + 1;
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[base=" + base + ", next=" + next + ", settledUpTo=" + settledUpTo
                + ", outstanding=" + Arrays.toString(outstanding) + "]";
    }
}
