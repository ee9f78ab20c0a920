// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** What a register of {@link Registers} holds. Numbers rather than an enum: generated code switches on them and arrays hold them. */
public final class Kind {
    /** Nothing: the path is not in the payload. */
    public static final byte ABSENT = 0;

    public static final byte NULL = 1;
    public static final byte FALSE = 2;
    public static final byte TRUE = 3;

    /** A 64-bit integer in {@code bits}. */
    public static final byte INT = 4;

    /** A calculated double in {@code bits}, as {@link Double#doubleToRawLongBits} has it. */
    public static final byte DOUBLE = 5;

    /**
     * A number of the payload that is no 64-bit integer, at {@code start..end} of the payload: a fraction, an exponent, or more digits than 64 bits
     * hold. Calculates as a double, leaves with its digits.
     */
    public static final byte DECIMAL = 6;

    /** A string of the payload without escapes: its UTF-8 bytes are {@code start..end} of the payload, quotes excluded. {@code bits} is 1 if all are ASCII. */
    public static final byte STRING = 7;

    /** A string of the payload with at least one backslash, at {@code start..end} of the payload, quotes excluded. */
    public static final byte ESCAPED = 8;

    /** Text that was calculated: UTF-8 in {@code scratch} at {@code start..end}. */
    public static final byte TEXT = 9;

    /** An object of the payload, braces included; {@code bits} as {@link Registers#treeBits} makes them. */
    public static final byte OBJECT = 10;

    /** An array of the payload, brackets included; {@code bits} as {@link Registers#treeBits} makes them. */
    public static final byte ARRAY = 11;

    /** Any other value, in {@code ref}, as cel-java has it: String, UnsignedLong, Instant, Duration, CelByteString, List, Map, ... */
    public static final byte REFERENCE = 12;

    /** The evaluation failed here. */
    public static final byte ERROR = 13;

    /** Not calculated yet for this event. */
    public static final byte UNSET = 14;

    private Kind() {}
}
