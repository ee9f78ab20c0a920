// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.transform.bounds.Search;
import io.fiso.transform.json.JsonText;
import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Registers;
import java.util.Arrays;

/** Texts of registers as UTF-8, where they lie. Whatever is no text of these kinds goes to the function's bindings. */
final class Texts {
    private static final int LONGEST_LONG = 20;

    /** More text than this at once is left to the interpreter, which gives back what nobody needs any more. */
    private static final int MOST_SCRATCH = 1 << 24;

    private Texts() {}

    /** Whether the register's bytes are at hand. */
    static boolean isText(byte kind) {
        return kind == Kind.STRING || kind == Kind.TEXT || kind == Kind.ESCAPED;
    }

    /** The bytes of a text; they are between the register's start and end. */
    private static byte[] bytes(Frame frame, int register) {
        var r = frame.registers;
        if (r.kind[register] == Kind.ESCAPED) {
            plain(r, register);
        }
        return r.kind[register] == Kind.TEXT ? r.scratch : r.payload;
    }

    /** Decodes an escaped string, once. */
    private static void plain(Registers r, int register) {
        int length = r.end[register] - r.start[register];
        room(r, length);
        int end = JsonText.unescape(r.payload, r.start[register], r.end[register], r.scratch, r.scratchEnd);
        if (end < 0) {
            throw Trap.TRAP;
        }
        r.kind[register] = Kind.TEXT;
        r.start[register] = r.scratchEnd;
        r.end[register] = end;
        r.scratchEnd = end;
    }

    private static void room(Registers r, int more) {
        if (more > MOST_SCRATCH - r.scratchEnd) {
            throw Trap.TRAP;
        }
        if (r.scratchEnd + more > r.scratch.length) {
            r.scratch = Arrays.copyOf(r.scratch, Math.max(r.scratch.length * 2, r.scratchEnd + more));
        }
    }

    static boolean equal(Frame frame, int a, int b) {
        var r = frame.registers;
        bytes(frame, a);
        var right = bytes(frame, b);
        var left = bytes(frame, a);
        return Arrays.equals(left, r.start[a], r.end[a], right, r.start[b], r.end[b]);
    }

    /** Two texts, one behind the other. */
    static void join(Frame frame, int target, int a, int b) {
        var r = frame.registers;
        bytes(frame, a);
        bytes(frame, b);
        room(r, r.end[a] - r.start[a] + r.end[b] - r.start[b]);
        int start = r.scratchEnd;
        append(frame, a);
        append(frame, b);
        text(r, target, start);
    }

    /** All texts of a table, one behind the other. */
    static void join(Frame frame, int target, int table) {
        var r = frame.registers;
        int[] parts = frame.program.tables()[table];
        for (int part : parts) {
            byte kind = r.kind[part];
            if (isText(kind)) {
                bytes(frame, part);
            } else if (!(kind == Kind.REFERENCE && r.ref[part] instanceof String)) {
                r.kind[target] = Kind.ERROR;
                return;
            }
        }
        int start = r.scratchEnd;
        for (int part : parts) {
            append(frame, part);
        }
        text(r, target, start);
    }

    private static void append(Frame frame, int part) {
        var r = frame.registers;
        if (r.kind[part] == Kind.REFERENCE && r.ref[part] instanceof String text) {
            append(r, text);
            return;
        }
        append(frame, part, r.start[part], r.end[part]);
    }

    /** @param from the place in the text's bytes */
    private static void append(Frame frame, int part, int from, int to) {
        var r = frame.registers;
        int length = to - from;
        room(r, length);
        System.arraycopy(bytes(frame, part), from, r.scratch, r.scratchEnd, length);
        r.scratchEnd += length;
    }

    private static void append(Registers r, String text) {
        var bytes = utf8(text);
        room(r, bytes.length);
        System.arraycopy(bytes, 0, r.scratch, r.scratchEnd, bytes.length);
        r.scratchEnd += bytes.length;
    }

    /** Gives up on half a surrogate pair, which has no UTF-8. */
    static byte[] utf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw Trap.TRAP;
                }
                i++;
            }
        }
        return text.getBytes(UTF_8);
    }

    private static void text(Registers r, int target, int start) {
        r.kind[target] = Kind.TEXT;
        r.start[target] = start;
        r.end[target] = r.scratchEnd;
    }

    static void size(Frame frame, int target, int a, int site) {
        var r = frame.registers;
        byte kind = r.kind[a];
        if (isText(kind)) {
            var bytes = bytes(frame, a);
            Arithmetic.set(r, target, (long) JsonText.codePoints(bytes, r.start[a], r.end[a]));
        } else if (kind == Kind.ARRAY) {
            Arithmetic.set(r, target, (long) io.fiso.transform.json.JsonScanner.elements(r.payload, r.start[a]));
        } else {
            Calls.slow(frame, target, a, site);
        }
    }

    static int contains(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        if (!isText(r.kind[a]) || !isText(r.kind[b])) {
            return Calls.slowTruth(frame, a, b, site);
        }
        bytes(frame, a);
        var part = bytes(frame, b);
        var whole = bytes(frame, a);
        int length = r.end[b] - r.start[b];
        if (Search.isLong(r.end[a] - r.start[a], length)) {
            return Calls.slowTruth(frame, a, b, site);
        }
        for (int at = r.start[a]; at <= r.end[a] - length; at++) {
            if (Arrays.equals(whole, at, at + length, part, r.start[b], r.end[b])) {
                return Truth.TRUE;
            }
        }
        return Truth.FALSE;
    }

    static int startsWith(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        if (!isText(r.kind[a]) || !isText(r.kind[b])) {
            return Calls.slowTruth(frame, a, b, site);
        }
        bytes(frame, a);
        var part = bytes(frame, b);
        var whole = bytes(frame, a);
        int length = r.end[b] - r.start[b];
        return Truth.of(r.end[a] - r.start[a] >= length
                && Arrays.equals(whole, r.start[a], r.start[a] + length, part, r.start[b], r.end[b]));
    }

    static int endsWith(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        if (!isText(r.kind[a]) || !isText(r.kind[b])) {
            return Calls.slowTruth(frame, a, b, site);
        }
        bytes(frame, a);
        var part = bytes(frame, b);
        var whole = bytes(frame, a);
        int length = r.end[b] - r.start[b];
        return Truth.of(r.end[a] - r.start[a] >= length
                && Arrays.equals(whole, r.end[a] - length, r.end[a], part, r.start[b], r.end[b]));
    }

    /** From a place on, or from there to another. Places count characters, which are bytes here: other texts go the long way. */
    static void substring(Frame frame, int target, int table, int site) {
        var r = frame.registers;
        int[] arguments = frame.program.tables()[table];
        int text = arguments[0];
        if (isText(r.kind[text])
                && isInteger(r, arguments[1])
                && (arguments.length < 3 || isInteger(r, arguments[2]))) {
            var bytes = bytes(frame, text);
            int start = r.start[text];
            int length = r.end[text] - start;
            long from = r.bits[arguments[1]];
            long to = arguments.length < 3 ? length : r.bits[arguments[2]];
            if (0 <= from && from <= to && to <= length && JsonText.isAscii(bytes, start, start + length)) {
                // A copy, since a span of the payload is taken for a string with its quotes around it.
                copy(r, target, bytes, start + (int) from, (int) (to - from));
                return;
            }
        }
        Calls.call(frame, target, table, site);
    }

    private static boolean isInteger(Registers r, int register) {
        return r.kind[register] == Kind.INT;
    }

    private static void copy(Registers r, int target, byte[] source, int from, int length) {
        room(r, length);
        int start = r.scratchEnd;
        System.arraycopy(source, from, r.scratch, start, length);
        r.scratchEnd = start + length;
        text(r, target, start);
    }

    /** Every occurrence of a text by another one. */
    static void replace(Frame frame, int target, int table, int site) {
        var r = frame.registers;
        int[] arguments = frame.program.tables()[table];
        int in = arguments[0];
        int old = arguments[1];
        int by = arguments[2];
        if (!isText(r.kind[in]) || !isText(r.kind[old]) || !isText(r.kind[by]) || r.start[old] == r.end[old]) {
            Calls.call(frame, target, table, site);
            return;
        }
        bytes(frame, in);
        bytes(frame, old);
        bytes(frame, by);
        int sought = r.end[old] - r.start[old];
        if (Search.isLong(r.end[in] - r.start[in], sought)) {
            Calls.call(frame, target, table, site);
            return;
        }
        int start = r.scratchEnd;
        int copied = r.start[in];
        // UTF-8 says where its characters start: a text is found in another only where it stands.
        for (int at = copied; at <= r.end[in] - sought; ) {
            var part = bytes(frame, old);
            if (Arrays.equals(bytes(frame, in), at, at + sought, part, r.start[old], r.end[old])) {
                append(frame, in, copied, at);
                append(frame, by);
                at += sought;
                copied = at;
            } else {
                at++;
            }
        }
        append(frame, in, copied, r.end[in]);
        text(r, target, start);
    }

    /** Text as it is, numbers by their digits. */
    static void string(Frame frame, int target, int a, int site) {
        var r = frame.registers;
        switch (r.kind[a]) {
            case Kind.STRING, Kind.TEXT, Kind.ESCAPED -> Truth.copy(frame, target, a);
            case Kind.INT -> digits(r, target, r.bits[a]);
            case Kind.DECIMAL, Kind.DOUBLE -> digits(frame, target, Arithmetic.number(r, a));
            default -> Calls.slow(frame, target, a, site);
        }
    }

    /** As {@link Double#toString} has it. */
    private static void digits(Frame frame, int target, double number) {
        var r = frame.registers;
        var written = frame.digitsOf(number);
        room(r, written.length());
        int start = r.scratchEnd;
        for (int i = 0; i < written.length(); i++) {
            r.scratch[start + i] = (byte) written.charAt(i);
        }
        r.scratchEnd = start + written.length();
        text(r, target, start);
    }

    private static void digits(Registers r, int target, long number) {
        room(r, LONGEST_LONG);
        int length = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            length++;
        }
        int start = r.scratchEnd;
        if (number < 0) {
            r.scratch[start] = '-';
            length++;
        }
        int at = start + length;
        long rest = number;
        do {
            r.scratch[--at] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        } while (rest != 0);
        r.scratchEnd = start + length;
        text(r, target, start);
    }

    static void lower(Frame frame, int target, int a, int site) {
        shift(frame, target, a, site, 'A', 'Z', 'a' - 'A');
    }

    static void upper(Frame frame, int target, int a, int site) {
        shift(frame, target, a, site, 'a', 'z', 'A' - 'a');
    }

    /** ASCII letters only, which no byte of a longer UTF-8 sequence can be taken for. */
    private static void shift(Frame frame, int target, int a, int site, char first, char last, int by) {
        var r = frame.registers;
        if (!isText(r.kind[a])) {
            Calls.slow(frame, target, a, site);
            return;
        }
        bytes(frame, a);
        int length = r.end[a] - r.start[a];
        room(r, length);
        var source = bytes(frame, a);
        int from = r.start[a];
        int start = r.scratchEnd;
        for (int i = 0; i < length; i++) {
            byte b = source[from + i];
            r.scratch[start + i] = b >= first && b <= last ? (byte) (b + by) : b;
        }
        r.scratchEnd = start + length;
        text(r, target, start);
    }
}
