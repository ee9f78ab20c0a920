// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import io.fiso.transform.json.PathTree.Node;
import org.jspecify.annotations.Nullable;

/**
 * Reads a payload once, from its first byte to its last: all of it is checked for being JSON (RFC 8259, in UTF-8 as RFC 3629 has it), and the
 * values that a {@link PathTree} asks for are noted in {@link Registers}. Nothing is allocated. Of members with the same name the last one counts.
 */
public final class JsonScanner {
    private static final long NOT_ASCII = 1L << 32;
    private static final long ESCAPED = 1L << 33;

    private static final int TRUE = word("true");
    private static final int NULL = word("null");
    /** The last four letters of it. */
    private static final int FALSE = word("alse");

    private JsonScanner() {}

    /**
     * Reads the payload that is {@code json[from..to)}. Without a value in it, the payload is null.
     *
     * @return how deep it nests: 0 for a scalar
     * @throws NotJsonException if it is not exactly one JSON value, or nests deeper than {@code maxDepth}; the registers are undefined then
     */
    public static int scan(PathTree tree, Registers r, byte[] json, int from, int to, int maxDepth)
            throws NotJsonException {
        r.payload = json;
        r.payloadEnd = to;
        r.maxDepth = maxDepth;
        start(tree, r);
        int at = next(r, json, from, to);
        if (at >= to) {
            if (tree.root.register >= 0) {
                r.kind[tree.root.register] = Kind.NULL;
            }
            return 0;
        }
        at = next(r, json, value(r, json, json[at], at, to, tree.root, 1), to);
        if (at < to) {
            throw Complaint.expected(json, at, to, "nothing after the value");
        }
        return r.deepest;
    }

    /**
     * Reads one value of {@code r.payload}, which has been scanned, into the registers of a tree.
     *
     * @param at the value's first byte
     * @return the index behind it
     */
    public static int scanValue(PathTree tree, Registers r, int at) {
        start(tree, r);
        try {
            return value(r, r.payload, r.payload[at], at, r.payloadEnd, tree.root, 1);
        } catch (NotJsonException e) {
            throw new IllegalStateException("scanned, and yet at " + e.at() + ": " + e.reason(), e);
        }
    }

    private static void start(PathTree tree, Registers r) {
        r.deepest = 0;
        r.lastSpace = -1;
        tree.clear(r);
    }

    /** The first element of the array that starts at {@code arrayStart}; -1 if it is empty. The array has been scanned. */
    public static int firstElement(byte[] json, int arrayStart) {
        int at = skipSpace(json, arrayStart + 1);
        return json[at] == ']' ? -1 : at;
    }

    /** The element that follows the one that ends before {@code afterValue}; -1 if that was the last. */
    public static int nextElement(byte[] json, int afterValue) {
        int at = skipSpace(json, afterValue);
        return json[at] == ']' ? -1 : skipSpace(json, at + 1);
    }

    /** How many elements the array has that starts at {@code arrayStart}. It has been scanned. */
    public static int elements(byte[] json, int arrayStart) {
        int count = 0;
        for (int at = firstElement(json, arrayStart); at >= 0; at = nextElement(json, skip(json, at))) {
            count++;
        }
        return count;
    }

    /** The index behind the value that starts at {@code at}, of an array or object that has been scanned. */
    public static int skip(byte[] json, int at) {
        return switch (json[at]) {
            case '"' -> skipString(json, at + 1);
            case '{', '[' -> skipTree(json, at);
            case 't', 'n' -> at + 4;
            case 'f' -> at + 5;
            default -> skipNumber(json, at);
        };
    }

    private static int skipNumber(byte[] json, int at) {
        int end = at;
        while (end < json.length && isNumberPart(json[end])) {
            end++;
        }
        return end;
    }

    private static boolean isNumberPart(byte c) {
        return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || (c | 0x20) == 'e';
    }

    private static int skipTree(byte[] json, int start) {
        int open = 0;
        int at = start;
        do {
            byte c = json[at++];
            if (c == '"') {
                at = skipString(json, at);
            } else if ((c | 0x20) == '{') {
                open++;
            } else if ((c | 0x20) == '}') {
                open--;
            }
        } while (open > 0);
        return at;
    }

    /** From behind the opening quote to behind the closing one. */
    static int skipString(byte[] json, int start) {
        int at = start;
        while (true) {
            while (at <= json.length - 8) {
                long marks = Words.escapable(Words.get(json, at));
                if (marks != 0) {
                    at += Words.first(marks);
                    break;
                }
                at += 8;
            }
            byte c = json[at++];
            if (c == '"') {
                return at;
            }
            if (c == '\\') {
                at++;
            }
        }
    }

    static int skipSpace(byte[] json, int start) {
        int at = start;
        while (isSpace(json[at])) {
            at++;
        }
        return at;
    }

    static boolean isSpace(int c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /**
     * @param c the value's first byte
     * @param depth how deep it nests if it is an object or array
     */
    private static int value(Registers r, byte[] json, byte c, int at, int to, @Nullable Node node, int depth)
            throws NotJsonException {
        if (c == '"') {
            long scanned = string(json, at + 1, to);
            if (node != null && node.register >= 0) {
                text(r, node.register, at + 1, scanned);
            }
            return (int) scanned + 1;
        }
        if (c == '{') {
            return object(r, json, at, to, node, depth);
        }
        int register = node == null ? -1 : node.register;
        return switch (c) {
            case '[' -> array(r, json, at, to, node, depth);
            case 't' -> literal(r, json, at, to, register, Kind.TRUE);
            case 'f' -> literal(r, json, at, to, register, Kind.FALSE);
            case 'n' -> literal(r, json, at, to, register, Kind.NULL);
            default -> number(r, json, at, to, register);
        };
    }

    // Most tokens follow each other without white space: hence the same three lines again and again.
    private static int object(Registers r, byte[] json, int start, int to, @Nullable Node node, int depth)
            throws NotJsonException {
        int deepest = enter(r, start, depth);
        int at = start + 1;
        byte c = byteAt(json, at, to);
        if (c <= ' ') {
            at = behindSpace(r, json, at, to);
            c = byteAt(json, at, to);
        }
        var expected = node == null ? null : node.firstExpected;
        ExpectedName before = null;
        while (c != '}') {
            Node member;
            if (expected != null && expected.standsAt(json, at, to)) {
                member = expected.node;
                at += expected.length;
                before = expected;
                expected = expected.next;
            } else {
                if (c != '"') {
                    throw Complaint.expected(json, at, to, "a member's name in quotes");
                }
                int nameStart = at;
                long name = string(json, at + 1, to);
                at = behindColon(r, json, (int) name + 1, to);
                member = node == null ? null : member(json, nameStart + 1, name, node);
                if (node != null) {
                    before = at == (int) name + 2 ? node.learn(before, json, nameStart, at, to, member) : null;
                    expected = before == null ? null : before.next;
                    member = before == null ? member : before.node;
                }
            }
            if (member != null && member.hasMembers()) {
                // What an earlier member of the same name has left below it is forgotten.
                PathTree.clear(r.kind, member.below);
            }
            c = byteAt(json, at, to);
            if (c <= ' ') {
                at = behindSpace(r, json, at, to);
                c = byteAt(json, at, to);
            }
            at = value(r, json, c, at, to, member, depth + 1);
            c = byteAt(json, at, to);
            if (c <= ' ') {
                at = behindSpace(r, json, at, to);
                c = byteAt(json, at, to);
            }
            if (c == ',') {
                c = byteAt(json, ++at, to);
                if (c <= ' ') {
                    at = behindSpace(r, json, at, to);
                    c = byteAt(json, at, to);
                }
                if (c == '}') {
                    throw Complaint.expected(json, at, to, "a member's name in quotes");
                }
            } else if (c != '}') {
                throw Complaint.expected(json, at, to, "a comma or the object's end");
            }
        }
        leave(r, node == null ? -1 : node.register, Kind.OBJECT, start, at + 1, depth, deepest);
        return at + 1;
    }

    private static int behindColon(Registers r, byte[] json, int start, int to) throws NotJsonException {
        int at = next(r, json, start, to);
        if (byteAt(json, at, to) != ':') {
            throw Complaint.expected(json, at, to, "a colon after the member's name");
        }
        return at + 1;
    }

    private static int array(Registers r, byte[] json, int start, int to, @Nullable Node node, int depth)
            throws NotJsonException {
        int deepest = enter(r, start, depth);
        int at = next(r, json, start + 1, to);
        byte c = byteAt(json, at, to);
        var rows = node == null || node.list < 0 ? null : r.rows[node.list];
        if (rows != null) {
            rows.clear();
        }
        if (c != ']') {
            var element = node == null || c != '{' ? null : node.element();
            while (true) {
                at = value(r, json, c, at, to, rows == null ? element : rows.element(r), depth + 1);
                if (rows != null && !rows.keep(r)) {
                    rows = null;
                }
                c = byteAt(json, at, to);
                if (c <= ' ') {
                    at = behindSpace(r, json, at, to);
                    c = byteAt(json, at, to);
                }
                if (c != ',') {
                    break;
                }
                c = byteAt(json, ++at, to);
                if (c <= ' ') {
                    at = behindSpace(r, json, at, to);
                    c = byteAt(json, at, to);
                }
            }
            if (c != ']') {
                throw Complaint.expected(json, at, to, "a comma or the array's end");
            }
        }
        leave(r, node == null ? -1 : node.register, Kind.ARRAY, start, at + 1, depth, deepest);
        return at + 1;
    }

    /** Starts to count levels for this object or array; gives what was counted outside of it. */
    private static int enter(Registers r, int at, int depth) throws NotJsonException {
        if (depth > r.maxDepth) {
            throw new NotJsonException(at, "it nests deeper than " + r.maxDepth + " levels");
        }
        int outside = r.deepest;
        r.deepest = depth;
        return outside;
    }

    private static void leave(Registers r, int register, byte kind, int start, int end, int depth, int outside) {
        int deepest = r.deepest;
        if (register >= 0) {
            r.kind[register] = kind;
            r.start[register] = start;
            r.end[register] = end;
            r.bits[register] = Registers.treeBits(deepest - depth + 1, r.lastSpace > start);
        }
        if (outside > deepest) {
            r.deepest = outside;
        }
    }

    /** The node for a member that is wanted. */
    private static @Nullable Node member(byte[] json, int start, long name, Node wanted) {
        return name < ESCAPED
                ? wanted.member(json, start, (int) name - start)
                : memberWrittenWithEscapes(json, start, (int) name, wanted);
    }

    private static @Nullable Node memberWrittenWithEscapes(byte[] json, int start, int end, Node wanted) {
        var name = new byte[end - start];
        int length = JsonText.unescape(json, start, end, name, 0);
        return length < 0 ? null : wanted.member(name, 0, length);
    }

    private static void text(Registers r, int register, int start, long scanned) {
        r.kind[register] = scanned < ESCAPED ? Kind.STRING : Kind.ESCAPED;
        r.start[register] = start;
        r.end[register] = (int) scanned;
        r.bits[register] = scanned < NOT_ASCII ? 1 : 0;
    }

    private static int literal(Registers r, byte[] json, int at, int to, int register, byte kind)
            throws NotJsonException {
        int end = at + (kind == Kind.FALSE ? 5 : 4);
        if (end > to || Words.getInt(json, end - 4) != (kind == Kind.TRUE ? TRUE : kind == Kind.FALSE ? FALSE : NULL)) {
            throw Complaint.expected(json, at, to, "a value");
        }
        if (register >= 0) {
            r.kind[register] = kind;
        }
        return end;
    }

    private static int number(Registers r, byte[] json, int start, int to, int register) throws NotJsonException {
        int at = start;
        byte c = byteAt(json, at, to);
        if (c == '-') {
            c = byteAt(json, ++at, to);
            if (!isDigit(c)) {
                throw Complaint.expected(json, at, to, "a digit after the minus");
            }
        } else if (!isDigit(c)) {
            throw Complaint.expected(json, at, to, "a value");
        }
        if (c == '0') {
            c = byteAt(json, ++at, to);
            if (isDigit(c)) {
                throw Complaint.expected(json, at, to, "no digit after a leading zero");
            }
        } else {
            do {
                c = byteAt(json, ++at, to);
            } while (isDigit(c));
        }
        int integerEnd = at;
        if (c == '.' || (c | 0x20) == 'e') {
            at = fraction(json, at, to);
        }
        if (register >= 0) {
            number(r, json, start, at, register, at == integerEnd);
        }
        return at;
    }

    private static void number(Registers r, byte[] json, int start, int end, int register, boolean integer) {
        if (integer && JsonNumbers.fits(json, start, end)) {
            r.kind[register] = Kind.INT;
            r.bits[register] = JsonNumbers.integer(json, start, end);
        } else {
            r.kind[register] = Kind.DECIMAL;
        }
        r.start[register] = start;
        r.end[register] = end;
    }

    /** A fraction, an exponent, or both. */
    private static int fraction(byte[] json, int start, int to) throws NotJsonException {
        int at = start;
        if (json[at] == '.') {
            at = digits(json, at + 1, to, "a digit after the decimal point");
        }
        if ((byteAt(json, at, to) | 0x20) == 'e') {
            byte sign = byteAt(json, at + 1, to);
            at = digits(json, sign == '+' || sign == '-' ? at + 2 : at + 1, to, "a digit of the exponent");
        }
        return at;
    }

    /** At least one digit. */
    private static int digits(byte[] json, int start, int to, String expected) throws NotJsonException {
        int at = start;
        while (isDigit(byteAt(json, at, to))) {
            at++;
        }
        if (at == start) {
            throw Complaint.expected(json, at, to, expected);
        }
        return at;
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(byte c) {
        return isDigit(c) || (c | 0x20) >= 'a' && (c | 0x20) <= 'f';
    }

    /** The byte there; behind the end 0, which cannot stand anywhere. */
    private static byte byteAt(byte[] json, int at, int to) {
        return at < to ? json[at] : 0;
    }

    /** The next byte that is no white space. */
    private static int next(Registers r, byte[] json, int at, int to) {
        return byteAt(json, at, to) > ' ' ? at : behindSpace(r, json, at, to);
    }

    /** The same if there may be white space, which is mostly one space. */
    private static int behindSpace(Registers r, byte[] json, int start, int to) {
        if (byteAt(json, start + 1, to) > ' ' && json[start] == ' ') {
            r.lastSpace = start;
            return start + 1;
        }
        return behindMuchSpace(r, json, start, to);
    }

    private static int behindMuchSpace(Registers r, byte[] json, int start, int to) {
        int at = start;
        while (isSpace(byteAt(json, at, to))) {
            at++;
            while (at <= to - 8 && Words.get(json, at) == Words.SPACES) {
                at += 8;
            }
        }
        if (at > start) {
            r.lastSpace = start;
        }
        return at;
    }

    /**
     * Checks a string.
     *
     * @param start behind the opening quote
     * @return where the closing quote is, with {@link #NOT_ASCII} and {@link #ESCAPED} where they hold
     */
    private static long string(byte[] json, int start, int to) throws NotJsonException {
        int at = start;
        while (at <= to - 8) {
            long marks = Words.special(Words.get(json, at));
            if (marks != 0) {
                at += Words.first(marks);
                return json[at] == '"' ? at : oddString(json, start, at, to);
            }
            at += 8;
        }
        return oddString(json, start, at, to);
    }

    /** The rest of a string that holds escapes or characters beyond ASCII, or ends near the end of the payload. */
    private static long oddString(byte[] json, int start, int odd, int to) throws NotJsonException {
        int at = odd;
        long flags = 0;
        while (true) {
            byte c = byteAt(json, at, to);
            if (c == '"') {
                return at | flags;
            }
            if (c == '\\') {
                flags |= ESCAPED;
                at = escape(json, at, to);
            } else if (c < 0) {
                flags |= NOT_ASCII;
                do {
                    at = Utf8.behindCharacter(json, at, to);
                } while (byteAt(json, at, to) < 0);
            } else if (c < ' ') {
                throw at < to
                        ? new NotJsonException(at, "a control character in a string; it must be written as an escape")
                        : new NotJsonException(start - 1, "the string that starts here does not end");
            } else {
                at = behindPlain(json, at + 1, to);
            }
        }
    }

    private static int behindPlain(byte[] json, int start, int to) {
        int at = start;
        while (at <= to - 8) {
            long marks = Words.special(Words.get(json, at));
            if (marks != 0) {
                return at + Words.first(marks);
            }
            at += 8;
        }
        return at;
    }

    private static int escape(byte[] json, int at, int to) throws NotJsonException {
        switch (byteAt(json, at + 1, to)) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                return at + 2;
            }
            case 'u' -> {
                for (int i = at + 2; i < at + 6; i++) {
                    if (!isHex(byteAt(json, i, to))) {
                        throw Complaint.expected(json, i, to, "four hexadecimal digits after \\u");
                    }
                }
                return at + 6;
            }
            default -> throw Complaint.expected(json, at + 1, to, "one of \" \\ / b f n r t u after a backslash");
        }
    }

    private static int word(String letters) {
        return Words.getInt(letters.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0);
    }
}
