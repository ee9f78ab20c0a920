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
    private long unsettled;

    SourcePartition(DeliveryCore core, String name) {
        this.core = core;
        this.name = name;
    }

    public String name() {
        return name;
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
        attachments[slot(entry)] = null;
        core.sourceSettled(fate);
        if (inOrder) {
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

    void committed(long position) {
        committed = Math.max(committed, position);
    }

    Progress.Partition progress() {
        return new Progress.Partition(name, lastPosition < 0 ? -1 : lastPosition + 1, committed, heldBy());
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
