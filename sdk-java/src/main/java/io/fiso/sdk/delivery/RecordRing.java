// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** Records under growing numbers, in columns. */
final class RecordRing {
    byte[][] buffers = new byte[16][];
    int[] offsets = new int[16];
    int[] lengths = new int[16];
    byte[][] keyBuffers = new byte[16][];
    int[] keyOffsets = new int[16];
    int[] keyLengths = new int[16];
    int[] flags = new int[16];

    int slot(long number) {
        return (int) number & (buffers.length - 1);
    }

    int capacity() {
        return buffers.length;
    }

    void grow(long base, long next) {
        byte[][] grown = new byte[buffers.length * 2][];
        Rings.copy(buffers, grown, base, next);
        byte[][] grownKeys = new byte[buffers.length * 2][];
        Rings.copy(keyBuffers, grownKeys, base, next);
        offsets = Rings.grown(offsets, base, next);
        lengths = Rings.grown(lengths, base, next);
        keyOffsets = Rings.grown(keyOffsets, base, next);
        keyLengths = Rings.grown(keyLengths, base, next);
        flags = Rings.grown(flags, base, next);
        buffers = grown;
        keyBuffers = grownKeys;
    }

    void set(long number, Records from, int index) {
        int slot = slot(number);
        buffers[slot] = from.buffers[index];
        offsets[slot] = from.offsets[index];
        lengths[slot] = from.lengths[index];
        keyBuffers[slot] = from.keyBuffers[index];
        keyOffsets[slot] = from.keyOffsets[index];
        keyLengths[slot] = from.keyLengths[index];
        flags[slot] = from.flags[index];
    }

    void move(long from, long to) {
        int source = slot(from);
        int target = slot(to);
        buffers[target] = buffers[source];
        offsets[target] = offsets[source];
        lengths[target] = lengths[source];
        keyBuffers[target] = keyBuffers[source];
        keyOffsets[target] = keyOffsets[source];
        keyLengths[target] = keyLengths[source];
        flags[target] = flags[source];
    }

    void copyTo(Records target, long number, int extraFlags) {
        int slot = slot(number);
        target.add(
                buffers[slot],
                offsets[slot],
                lengths[slot],
                keyBuffers[slot],
                keyOffsets[slot],
                keyLengths[slot],
                flags[slot] | extraFlags);
    }

    void release(long number) {
        int slot = slot(number);
        buffers[slot] = Records.NO_KEY;
        keyBuffers[slot] = Records.NO_KEY;
        keyLengths[slot] = 0;
    }
}
