// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** Doubles ring buffers whose slot is the low bits of a growing number. */
final class Rings {
    private Rings() {}

    static byte[] grown(byte[] ring, long base, long next) {
        byte[] grown = new byte[ring.length * 2];
        for (long n = base; n < next; n++) {
            grown[(int) n & (grown.length - 1)] = ring[(int) n & (ring.length - 1)];
        }
        return grown;
    }

    static int[] grown(int[] ring, long base, long next) {
        int[] grown = new int[ring.length * 2];
        for (long n = base; n < next; n++) {
            grown[(int) n & (grown.length - 1)] = ring[(int) n & (ring.length - 1)];
        }
        return grown;
    }

    static long[] grown(long[] ring, long base, long next) {
        long[] grown = new long[ring.length * 2];
        for (long n = base; n < next; n++) {
            grown[(int) n & (grown.length - 1)] = ring[(int) n & (ring.length - 1)];
        }
        return grown;
    }

    static <T extends @Nullable Object> void copy(T[] ring, T[] grown, long base, long next) {
        for (long n = base; n < next; n++) {
            grown[(int) n & (grown.length - 1)] = ring[(int) n & (ring.length - 1)];
        }
    }
}
