// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** One partition of a source's outside system; get it from {@link DeliveryCore#partition}. */
public final class SourcePartition extends InputLedger {
    private final DeliveryCore core;
    private final String name;
    private long[] positions = new long[16];
    private byte[][] keys = new byte[16][];
    private @Nullable Object[] attachments = new Object[16];
    private long lastPosition = -1;
    private long settledPosition = -1;
    private long reportedPosition = -1;
    private long committed = -1;
    private long accepted;
    private long unsettled;
    /** Fates of all that is settled, of the settled prefix, and of the committed prefix: in this run, over all instances. */
    private final FateCounts settled = new FateCounts();

    private final FateCounts prefix = new FateCounts();
    private final FateCounts committedPrefix = new FateCounts();

    SourcePartition(DeliveryCore core, String name) {
        this.core = core;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** Fates of everything before the settled position in this run: what is to be committed with it. */
    public void settledFates(FateCounts into) {
        into.copyFrom(prefix);
    }

    /** Goes on from totals that were committed with the position this partition is taken up at. */
    void resumed(FateCounts fates) {
        if (next() > 1) {
            throw new IllegalStateException("partition '" + name + "' has emitted already; its totals come first");
        }
        accepted = fates.total();
        settled.copyFrom(fates);
        prefix.copyFrom(fates);
        committedPrefix.copyFrom(fates);
    }

    @Override
    void grow(int oldCapacity) {
        positions = Rings.grown(positions, base(), next());
        byte[][] grownKeys = new byte[capacity()][];
        Rings.copy(keys, grownKeys, base(), next());
        keys = grownKeys;
        @Nullable Object[] grown = new Object[capacity()];
        Rings.copy(attachments, grown, base(), next());
        attachments = grown;
    }

    long accept(long position, byte[] orderKey, @Nullable Object attachment) {
        if (position <= lastPosition) {
            throw new IllegalArgumentException("positions of partition '" + name + "' must grow: " + position
                    + " after " + lastPosition + "; release the partition before reading it again");
        }
        long entry = append();
        int slot = slot(entry);
        positions[slot] = position;
        keys[slot] = orderKey;
        attachments[slot] = attachment;
        lastPosition = position;
        accepted++;
        unsettled++;
        return entry;
    }

    /** How many events lie above the oldest unsettled one, itself included. */
    long span() {
        return next() - 1 - settledUpTo();
    }

    long unsettled() {
        return unsettled;
    }

    @Override
    void decided(long entry, Fate fate) {
        if (fate == Fate.FAILED) {
            core.deadLetter(this, entry);
        } else {
            settle(entry);
        }
    }

    @Override
    void onSettled(long entry, Fate fate, boolean inOrder) {
        unsettled--;
        settled.add(fate);
        attachments[slot(entry)] = null;
        core.sourceSettled(fate);
        if (inOrder) {
            for (long passed = entry; passed <= settledUpTo(); passed++) {
                prefix.add(fate(passed));
            }
            settledPosition = positions[slot(settledUpTo())] + 1;
            forget(settledUpTo());
        }
    }

    FailedEvent failed(long entry) {
        int slot = slot(entry);
        Failure failure = failure(entry);
        return new FailedEvent(
                name,
                positions[slot],
                attachments[slot],
                failure == null ? new Failure("UNKNOWN", "no reason was given", 1, "", "") : failure,
                keys[slot]);
    }

    void report(DeliveryCore.PositionSink sink) {
        if (settledPosition > reportedPosition) {
            reportedPosition = settledPosition;
            sink.settled(this, settledPosition);
        }
    }

    void committed(long position, FateCounts fates) {
        if (position > committed) {
            committed = position;
            committedPrefix.copyFrom(fates);
        }
    }

    Progress.Partition progress() {
        return new Progress.Partition(
                name,
                lastPosition < 0 ? -1 : lastPosition + 1,
                committed,
                heldBy(),
                accepted,
                settled.copy(),
                unsettled,
                committedPrefix.copy());
    }

    private String heldBy() {
        if (unsettled == 0) {
            return "";
        }
        byte[] key = keys[slot(settledUpTo() + 1)];
        String text = new String(key, StandardCharsets.UTF_8);
        return text.chars().allMatch(c -> c >= ' ' && c != 0xfffd)
                ? text
                : HexFormat.of().formatHex(key);
    }
}
