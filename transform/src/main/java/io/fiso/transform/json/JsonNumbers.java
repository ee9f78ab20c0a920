// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.nio.charset.StandardCharsets;

/** Numbers as JSON writes them. The spans are valid numbers. */
public final class JsonNumbers {
    /** The powers of ten that a double holds exactly. */
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final int MAX_POWER = 22;

    /** As many digits as always fit in 63 bits. */
    private static final int SAFE_DIGITS = 18;

    /** From here on exponents mean zero or infinity, whatever the digits of a readable number are. */
    private static final int HUGE = 1 << 24;

    private static final long EXACT = 1L << 53;
    private static final byte[] LARGEST = "9223372036854775807".getBytes(StandardCharsets.US_ASCII);

    private JsonNumbers() {}

    /** {@code 10^n}, exactly; n from 0 to 22. */
    static double power(int n) {
        return POWERS[n];
    }

    /** Whether an integer (no fraction, no exponent) fits in 64 bits. */
    static boolean fits(byte[] json, int start, int end) {
        boolean negative = json[start] == '-';
        int first = negative ? start + 1 : start;
        int digits = end - first;
        if (digits != LARGEST.length) {
            return digits < LARGEST.length;
        }
        for (int i = 0; i < digits; i++) {
            int difference = json[first + i] - LARGEST[i];
            if (difference != 0) {
                return difference < 0 || negative && difference == 1 && i == digits - 1;
            }
        }
        return true;
    }

    /** An integer that fits. */
    static long integer(byte[] json, int start, int end) {
        boolean negative = json[start] == '-';
        long value = 0;
        for (int i = negative ? start + 1 : start; i < end; i++) {
            value = value * 10 + (json[i] - '0');
        }
        return negative ? -value : value;
    }

    /** The double that is nearest to a number; of two that are equally near, the even one. */
    public static double parse(byte[] json, int start, int end) {
        boolean negative = json[start] == '-';
        int at = negative ? start + 1 : start;
        long digits = 0;
        int count = 0;
        int exponent = 0;
        boolean fraction = false;
        for (; at < end; at++) {
            int c = json[at];
            if (c == '.') {
                fraction = true;
            } else if (c >= '0' && c <= '9') {
                if (digits != 0 || c != '0') {
                    count++;
                }
                if (count > SAFE_DIGITS) {
                    return rounded(json, start, end);
                }
                digits = digits * 10 + (c - '0');
                exponent -= fraction ? 1 : 0;
            } else {
                exponent += exponent(json, at + 1, end);
                break;
            }
        }
        // Digits and power are both exact as doubles, and one operation of the two rounds once: correctly.
        double value;
        if (digits == 0 || exponent == 0) {
            value = digits;
        } else if (digits > EXACT || exponent < -MAX_POWER || exponent > MAX_POWER) {
            return rounded(json, start, end);
        } else {
            value = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
        }
        return negative ? -value : value;
    }

    private static int exponent(byte[] json, int start, int end) {
        boolean negative = json[start] == '-';
        int value = 0;
        for (int i = negative || json[start] == '+' ? start + 1 : start; i < end; i++) {
            value = Math.min(HUGE, value * 10 + (json[i] - '0'));
        }
        return negative ? -value : value;
    }

    private static double rounded(byte[] json, int start, int end) {
        return Double.parseDouble(new String(json, start, end - start, StandardCharsets.ISO_8859_1));
    }
}
