// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes of text at a time. The first byte is the lowest of a word. */
final class Words {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    static final long SPACES = ' ' * ONES;

    private Words() {}

    static long get(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    static void put(byte[] bytes, int at, long word) {
        LONGS.set(bytes, at, word);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    /**
     * Marks what a string cannot hold as it is, or what needs a look: quotes, backslashes, control characters, and bytes outside of ASCII. The lowest
     * mark is exact; above it there may be false ones.
     */
    static long special(long word) {
        // In a byte below 0x80, b ^ 2 is below 0x21 exactly for control characters and the quote, and (b ^ '\\') - 1
        // borrows for the
        // backslash alone. A borrow disturbs only bytes above the one it comes from, which is marked itself.
        return ((word ^ 2 * ONES) - 0x21 * ONES | (word ^ '\\' * ONES) - ONES | word) & HIGH;
    }

    /** The same, without bytes outside of ASCII, which may be disturbed only above a mark. */
    static long escapable(long word) {
        return ((word ^ 2 * ONES) - 0x21 * ONES | (word ^ '\\' * ONES) - ONES) & ~word & HIGH;
    }

    /** Which byte the lowest mark is at. */
    static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }

    static boolean ascii(long word) {
        return (word & HIGH) == 0;
    }

    /** How many bytes are not the continuation of a character. */
    static int characters(long word) {
        // 10xxxxxx: the highest bit is set, the next is not.
        long continuations = word & ~(word << 1) & HIGH;
        return 8 - Long.bitCount(continuations);
    }
}
