// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import java.util.Arrays;

/** Bytes that grow, used again for every event. */
final class ByteArray {
    private byte[] bytes = new byte[512];
    private int length;

    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    void append(byte value) {
        ensure(1);
        bytes[length++] = value;
    }

    void append(byte[] values) {
        ensure(values.length);
        System.arraycopy(values, 0, bytes, length, values.length);
        length += values.length;
    }

    void append(ByteArray other) {
        ensure(other.length);
        System.arraycopy(other.bytes, 0, bytes, length, other.length);
        length += other.length;
    }

    /** Appends a number that is not negative, filled up with zeros to so many digits. */
    void appendDecimal(long number, int digitsMin) {
        int digits = Math.max(decimalDigits(number), digitsMin);
        ensure(digits);
        long rest = number;
        int at = length + digits;
        while (at - length >= 2) {
            long hundreds = rest / 100;
            int pair = (int) (rest - hundreds * 100);
            bytes[--at] = (byte) ('0' + pair % 10);
            bytes[--at] = (byte) ('0' + pair / 10);
            rest = hundreds;
        }
        if (at > length) {
            bytes[--at] = (byte) ('0' + rest % 10);
        }
        length += digits;
    }

    /** How many digits a number has that is not negative. */
    static int decimalDigits(long number) {
        int digits = 1;
        for (long power = 10; number >= power && digits < 19; power *= 10) {
            digits++;
        }
        return digits;
    }

    /** Appends a protobuf variable-length number. */
    void appendVarint(int number) {
        int rest = number;
        while ((rest & ~0x7F) != 0) {
            append((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        append((byte) rest);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
