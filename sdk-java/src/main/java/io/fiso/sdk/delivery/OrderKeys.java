// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Hashing, comparing and placing order keys. */
final class OrderKeys {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private OrderKeys() {}

    /** For people: the key as text if it is one, else in hexadecimal. */
    static String text(byte[] buffer, int offset, int length) {
        String text = new String(buffer, offset, length, StandardCharsets.UTF_8);
        return text.chars().allMatch(c -> c >= ' ' && c != 0xfffd)
                ? text
                : HexFormat.of().formatHex(buffer, offset, offset + length);
    }

    /** Eight bytes at a time, the last ones overlapping those before: it is asked for every event. */
    static int hash(byte[] buffer, int offset, int length) {
        long hash = length;
        if (length >= Long.BYTES) {
            int last = offset + length - Long.BYTES;
            for (int at = offset; at < last; at += Long.BYTES) {
                hash = fold(hash ^ (long) LONGS.get(buffer, at));
            }
            hash = fold(hash ^ (long) LONGS.get(buffer, last));
        } else if (length >= Integer.BYTES) {
            long first = (int) INTS.get(buffer, offset);
            long last = (int) INTS.get(buffer, offset + length - Integer.BYTES);
            hash = fold(hash ^ first << Integer.SIZE ^ last);
        } else if (length > 0) {
            int middle = buffer[offset + length / 2] << Byte.SIZE;
            hash = fold(hash << Integer.SIZE ^ buffer[offset] << 2 * Byte.SIZE ^ middle ^ buffer[offset + length - 1]);
        }
        return mix((int) (hash >>> Integer.SIZE));
    }

    private static long fold(long value) {
        long folded = value * 0x9e3779b97f4a7c15L;
        return folded ^ (folded >>> Integer.SIZE);
    }

    static boolean equal(byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
        return Arrays.equals(a, aOffset, aOffset + aLength, b, bOffset, bOffset + bLength);
    }

    /**
     * The replica with the highest weight for this key, among those that are not out: rendezvous hashing, so that only the keys of a lost
     * replica move, and only those come back. At least one must be left.
     */
    static int place(int hash, boolean[] out) {
        int best = -1;
        int bestWeight = Integer.MIN_VALUE;
        for (int replica = 0; replica < out.length; replica++) {
            int weight = mix(hash ^ mix(replica + 0x9e3779b9));
            if (!out[replica] && (best < 0 || weight > bestWeight)) {
                best = replica;
                bestWeight = weight;
            }
        }
        return best;
    }

    private static int mix(int value) {
        int mixed = value;
        mixed = (mixed ^ (mixed >>> 16)) * 0x85ebca6b;
        mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
        return mixed ^ (mixed >>> 16);
    }
}
