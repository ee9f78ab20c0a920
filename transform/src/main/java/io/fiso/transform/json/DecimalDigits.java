// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** Numbers in decimal digits. */
final class DecimalDigits {
    private static final byte[] PAIRS = new byte[200];

    /** From here on doubles are written with an exponent. */
    private static final double PLAIN_BELOW = 1e21;

    private static final long[] POWERS = new long[19];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
        for (int i = 0; i < 100; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    private DecimalDigits() {}

    /** How many digits a number has that is not negative. */
    static int count(long value) {
        // Setting the last bit changes the length of zero alone. 1233/4096 is a little more than the logarithm of 2.
        long odd = value | 1;
        int least = (Long.SIZE - Long.numberOfLeadingZeros(odd)) * 1233 >>> 12;
        return odd < POWERS[least] ? least : least + 1;
    }

    /** Writes the digits of a number that is not negative, such that they end before {@code end}; gives where they start. */
    static int put(byte[] target, int end, long value) {
        int at = end;
        long rest = value;
        while (rest >= 10) {
            long hundreds = rest / 100;
            at = putPair(target, at, (int) (rest - hundreds * 100));
            rest = hundreds;
        }
        if (rest > 0 || at == end) {
            target[--at] = (byte) ('0' + rest);
        }
        return at;
    }

    /** Writes {@code value / 10^places}, which is not negative, with a digit before the point. */
    static void put(byte[] target, int end, long value, int places) {
        int at = end;
        long rest = value;
        int left = places;
        for (; left >= 2; left -= 2) {
            long hundreds = rest / 100;
            at = putPair(target, at, (int) (rest - hundreds * 100));
            rest = hundreds;
        }
        if (left == 1) {
            target[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        target[--at] = '.';
        put(target, at, rest);
    }

    private static int putPair(byte[] target, int end, int value) {
        target[end - 1] = PAIRS[2 * value + 1];
        target[end - 2] = PAIRS[2 * value];
        return end - 2;
    }

    /**
     * The digits of {@link Double#toString}, without its exponent and without a fraction of zero where that can be.
     *
     * @param plain empty, where they go
     */
    static void plain(StringBuilder plain, double value) {
        plain.append(value);
        int mark = plain.indexOf("E");
        if (Math.abs(value) >= PLAIN_BELOW || mark < 0 && plain.charAt(plain.length() - 2) != '.') {
            return;
        }
        var written = plain.toString();
        plain.setLength(0);
        int point = written.indexOf('.');
        int first = written.charAt(0) == '-' ? 1 : 0;
        int last = mark < 0 ? written.length() : mark;
        int exponent = mark < 0 ? 0 : Integer.parseInt(written, mark + 1, written.length(), 10);
        var digits = written.substring(first, point)
                + (last == point + 2 && written.charAt(point + 1) == '0' ? "" : written.substring(point + 1, last));
        int integerDigits = point - first + exponent;
        plain.append(written, 0, first);
        if (integerDigits <= 0) {
            plain.append("0.").repeat('0', -integerDigits).append(digits);
        } else if (integerDigits >= digits.length()) {
            plain.append(digits).repeat('0', integerDigits - digits.length());
        } else {
            plain.append(digits, 0, integerDigits).append('.').append(digits, integerDigits, digits.length());
        }
    }
}
