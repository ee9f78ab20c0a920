// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;

/**
 * Records of a batch, in columns: slices of larger buffers, never copied. The event is an encoded {@code io.cloudevents.v1.CloudEvent}.
 * Buffers must not change while any core may hold them.
 */
public final class Records {
    /** An empty order key. */
    public static final byte[] NO_KEY = new byte[0];

    /** Flag: sent before on an earlier call, perhaps received. */
    public static final int RESENT = 1;

    /** Flag: injected (a replay of a dead letter). */
    public static final int INJECTED = 2;

    byte[][] buffers;
    int[] offsets;
    int[] lengths;
    byte[][] keyBuffers;
    int[] keyOffsets;
    int[] keyLengths;
    int[] flags;
    private int size;

    public Records() {
        this(16);
    }

    public Records(int capacity) {
        buffers = new byte[capacity][];
        offsets = new int[capacity];
        lengths = new int[capacity];
        keyBuffers = new byte[capacity][];
        keyOffsets = new int[capacity];
        keyLengths = new int[capacity];
        flags = new int[capacity];
    }

    /** Adds a record; an empty order key means that it is not ordered. */
    public void add(
            byte[] buffer, int offset, int length, byte[] keyBuffer, int keyOffset, int keyLength, int recordFlags) {
        int at = size;
        if (at == buffers.length) {
            grow();
        }
        buffers[at] = buffer;
        offsets[at] = offset;
        lengths[at] = length;
        keyBuffers[at] = keyBuffer;
        keyOffsets[at] = keyOffset;
        keyLengths[at] = keyLength;
        flags[at] = recordFlags;
        size = at + 1;
    }

    private void grow() {
        int capacity = buffers.length * 2;
        buffers = Arrays.copyOf(buffers, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        keyBuffers = Arrays.copyOf(keyBuffers, capacity);
        keyOffsets = Arrays.copyOf(keyOffsets, capacity);
        keyLengths = Arrays.copyOf(keyLengths, capacity);
        flags = Arrays.copyOf(flags, capacity);
    }

    public int size() {
        return size;
    }

    public byte[] buffer(int index) {
        return buffers[index];
    }

    public int offset(int index) {
        return offsets[index];
    }

    public int length(int index) {
        return lengths[index];
    }

    public byte[] keyBuffer(int index) {
        return keyBuffers[index];
    }

    public int keyOffset(int index) {
        return keyOffsets[index];
    }

    public int keyLength(int index) {
        return keyLengths[index];
    }

    public int flags(int index) {
        return flags[index];
    }

    /** Adds a copy of another's record: the same slices. */
    public void addFrom(Records from, int index) {
        add(
                from.buffers[index],
                from.offsets[index],
                from.lengths[index],
                from.keyBuffers[index],
                from.keyOffsets[index],
                from.keyLengths[index],
                from.flags[index]);
    }

    void dropFirst(int count) {
        int left = size - count;
        System.arraycopy(buffers, count, buffers, 0, left);
        System.arraycopy(offsets, count, offsets, 0, left);
        System.arraycopy(lengths, count, lengths, 0, left);
        System.arraycopy(keyBuffers, count, keyBuffers, 0, left);
        System.arraycopy(keyOffsets, count, keyOffsets, 0, left);
        System.arraycopy(keyLengths, count, keyLengths, 0, left);
        System.arraycopy(flags, count, flags, 0, left);
        Arrays.fill(buffers, left, size, null);
        Arrays.fill(keyBuffers, left, size, null);
        size = left;
    }

    /** Forgets all records; they can be filled anew. */
    public void clear() {
        Arrays.fill(buffers, 0, size, null);
        Arrays.fill(keyBuffers, 0, size, null);
        size = 0;
    }
}
