// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON text under construction, up to a limit. Used for event after event, by one thread at a time. What is written is the caller's business as far
 * as brackets, commas and colons go; strings and numbers come out in one normal form, whatever form they came in.
 */
public final class JsonOutput {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    /** Below this every whole number is a double, and the other way round. */
    private static final double EXACT = 1L << 53;

    /*
     * The shortest decimal that reads as a double is the one that Double.toString gives. With few digits it is found by multiplying: let it be p / 10^k,
     * with k the fewest places that suffice, and |p| < 2^50. The double differs from p / 10^k by less than a 2^53rd part, so its product with 10^k
     * differs from p by less than 1/8, rounding it moves it by 1/8 at most, and the nearest whole number is p. The other way round, if a whole
     * number q below 2^50 has q / 10^k rounded to the double (both are exact, so the division rounds once, as a reader of the digits would), then q is p:
     * doubles of that size are at least four times as dense as decimals with k places, which leaves room for one of these only near a double.
     */
    private static final double UNIQUE = 1L << 50;

    /** 10^k is exact up to here. */
    private static final int MAX_PLACES = 22;

    /** What is smaller is not copied by a call, nor is what is somewhat longer. */
    private static final int SHORT = 16;

    private static final int LONGER = 32;

    private final int limit;
    /** For numbers of many digits. */
    private final StringBuilder digits = new StringBuilder(32);

    private byte[] bytes;
    private int size;

    /** @param limit the most bytes that an output may have */
    public JsonOutput(int limit) {
        this.limit = limit;
        this.bytes = new byte[Math.min(limit, 512)];
    }

    /** Starts anew. */
    public void reset() {
        size = 0;
    }

    public int size() {
        return size;
    }

    /** Takes back all but the first {@code length} bytes. */
    public void truncate(int length) {
        size = length;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    public void raw(byte b) {
        room(1);
        bytes[size++] = b;
    }

    public void raw(byte[] constant) {
        raw(constant, 0, constant.length);
    }

    /** A copy with room behind it, which {@link #raw(byte[], int, int)} is quicker with. */
    public static byte[] padded(byte[] constant) {
        return Arrays.copyOf(constant, constant.length <= SHORT ? SHORT : Math.max(constant.length, LONGER));
    }

    /** Bytes as they are: of a string without escapes, for one, or of a number. */
    public void raw(byte[] from, int start, int end) {
        int length = end - start;
        room(length);
        if (length <= SHORT && start <= from.length - SHORT && size <= bytes.length - SHORT) {
            // What is copied too much is overwritten by what comes next.
            Words.put(bytes, size, Words.get(from, start));
            Words.put(bytes, size + 8, Words.get(from, start + 8));
        } else if (length <= LONGER && start <= from.length - LONGER && size <= bytes.length - LONGER) {
            Words.put(bytes, size, Words.get(from, start));
            Words.put(bytes, size + 8, Words.get(from, start + 8));
            Words.put(bytes, size + 16, Words.get(from, start + 16));
            Words.put(bytes, size + 24, Words.get(from, start + 24));
        } else {
            System.arraycopy(from, start, bytes, size, length);
        }
        size += length;
    }

    /** ASCII that needs no escapes, such as a number's digits. */
    public void ascii(CharSequence text) {
        int length = text.length();
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) text.charAt(i);
        }
        size += length;
    }

    public void number(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        long magnitude = Math.abs(value);
        int length = DecimalDigits.count(magnitude) + (value < 0 ? 1 : 0);
        room(length);
        if (value < 0) {
            bytes[size] = '-';
        }
        size += length;
        DecimalDigits.put(bytes, size, magnitude);
    }

    /**
     * A calculated number: without a fraction where it has none, and without an exponent below 1e21.
     *
     * @return false, and nothing is written, if it is infinite or no number at all
     */
    public boolean number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < EXACT) {
            number((long) value);
            return true;
        }
        if (!Double.isFinite(value)) {
            return false;
        }
        for (int places = 1; places <= MAX_PLACES; places++) {
            double scaled = Math.rint(value * JsonNumbers.power(places));
            if (Math.abs(scaled) >= UNIQUE) {
                break;
            }
            if (scaled / JsonNumbers.power(places) == value) {
                decimal((long) scaled, places);
                return true;
            }
        }
        digits.setLength(0);
        DecimalDigits.plain(digits, value);
        ascii(digits);
        return true;
    }

    private void decimal(long scaled, int places) {
        long magnitude = Math.abs(scaled);
        int sign = scaled < 0 ? 1 : 0;
        int length = sign + 1 + Math.max(DecimalDigits.count(magnitude), places + 1);
        room(length);
        if (scaled < 0) {
            bytes[size] = '-';
        }
        size += length;
        DecimalDigits.put(bytes, size, magnitude, places);
    }

    /**
     * A string with its quotes.
     *
     * @return false, and nothing is written, if it holds half of a surrogate pair
     */
    public boolean string(String text) {
        int before = size;
        int length = text.length();
        room(length + 2);
        bytes[size++] = '"';
        for (int i = plainPrefix(text); i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                character((byte) c);
            } else if (!Character.isSurrogate(c)) {
                encode(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                encode(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                size = before;
                return false;
            }
        }
        raw((byte) '"');
        return true;
    }

    /** Writes the characters before the first that needs a look. There is room for them. */
    private int plainPrefix(String text) {
        var target = bytes;
        int at = size;
        int i = 0;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || escapable((byte) c)) {
                break;
            }
            target[at++] = (byte) c;
        }
        size = at;
        return i;
    }

    /** What stands between a string's quotes, from the text in UTF-8. */
    public void utf8(byte[] from, int start, int end) {
        room(end - start);
        int at = start;
        while (at < end) {
            int run = plainRun(from, at, end);
            raw(from, at, run);
            at = run;
            if (at < end) {
                character(from[at++]);
            }
        }
    }

    private static int plainRun(byte[] from, int start, int end) {
        int at = start;
        while (at <= end - 8) {
            long marks = Words.escapable(Words.get(from, at));
            if (marks != 0) {
                return at + Words.first(marks);
            }
            at += 8;
        }
        while (at < end && !escapable(from[at])) {
            at++;
        }
        return at;
    }

    private static boolean escapable(byte c) {
        return c == '"' || c == '\\' || c >= 0 && c < ' ';
    }

    /**
     * What stands between a string's quotes, from how a valid one was written: with the escapes it needs, and no others.
     *
     * @return false, and nothing is written, if it holds half of a surrogate pair
     */
    public boolean escaped(byte[] json, int start, int end) {
        int before = size;
        int at = start;
        while (at < end) {
            int run = at;
            while (run < end && json[run] != '\\') {
                run++;
            }
            raw(json, at, run);
            at = run;
            if (at >= end) {
                break;
            }
            if (json[at + 1] != 'u') {
                character((byte) JsonText.simple(json[at + 1]));
                at += 2;
                continue;
            }
            int code = JsonText.codePoint(json, at, end);
            if (code < 0) {
                size = before;
                return false;
            }
            if (code < 0x80) {
                character((byte) code);
            } else {
                encode(code);
            }
            at += code < 0x10000 ? 6 : 12;
        }
        return true;
    }

    private void encode(int code) {
        room(code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
        size = JsonText.encode(code, bytes, size);
    }

    /** A byte of a string, escaped if it has to be. */
    private void character(byte c) {
        if (!escapable(c)) {
            raw(c);
            return;
        }
        byte letter = switch (c) {
            case '"', '\\' -> c;
            case '\b' -> 'b';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\f' -> 'f';
            case '\r' -> 'r';
            default -> 'u';
        };
        room(letter == 'u' ? 6 : 2);
        bytes[size++] = '\\';
        bytes[size++] = letter;
        if (letter == 'u') {
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = HEX[c >> 4];
            bytes[size++] = HEX[c & 0xf];
        }
    }

    /**
     * A value of the payload as it came, without white space between its tokens.
     *
     * @param spaced whether there is any
     */
    public void tree(byte[] json, int start, int end, boolean spaced) {
        if (!spaced) {
            raw(json, start, end);
            return;
        }
        int at = start;
        while (at < end) {
            int run = at;
            while (run < end && !JsonScanner.isSpace(json[run])) {
                run = json[run] == '"' ? JsonScanner.skipString(json, run + 1) : run + 1;
            }
            raw(json, at, run);
            at = run;
            while (at < end && JsonScanner.isSpace(json[at])) {
                at++;
            }
        }
    }

    private void room(int count) {
        if (count > bytes.length - size) {
            grow(count);
        }
    }

    private void grow(int count) {
        if (count > limit - size) {
            throw new LimitExceeded("the output is larger than " + limit + " bytes");
        }
        bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(bytes.length * 2, size + count)));
    }
}
