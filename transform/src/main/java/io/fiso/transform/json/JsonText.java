// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.nio.charset.StandardCharsets;

/** Strings as JSON writes them. The spans are valid: they have been scanned. */
public final class JsonText {
    private JsonText() {}

    /**
     * Decodes a string to UTF-8. As many bytes as the span has are always enough.
     *
     * @param start behind the opening quote
     * @param end the closing quote
     * @return where the decoded text ends in {@code target}; -1 if it holds half of a surrogate pair, which UTF-8 cannot carry
     */
    public static int unescape(byte[] json, int start, int end, byte[] target, int at) {
        int from = start;
        int to = at;
        while (from < end) {
            byte b = json[from++];
            if (b != '\\') {
                target[to++] = b;
                continue;
            }
            int c = simple(json[from++]);
            if (c >= 0) {
                target[to++] = (byte) c;
                continue;
            }
            int code = codePoint(json, from - 2, end);
            if (code < 0) {
                return -1;
            }
            from += code < 0x10000 ? 4 : 10;
            to = encode(code, target, to);
        }
        return to;
    }

    /** What the backslash there and what follows it stand for, two escapes if they are a pair; -1 for half of a pair. */
    static int codePoint(byte[] json, int backslash, int end) {
        int code = hex(json, backslash + 2);
        if (!Character.isSurrogate((char) code)) {
            return code;
        }
        int next = backslash + 6;
        if (Character.isHighSurrogate((char) code) && next + 6 <= end && json[next] == '\\' && json[next + 1] == 'u') {
            int low = hex(json, next + 2);
            if (Character.isLowSurrogate((char) low)) {
                return Character.toCodePoint((char) code, (char) low);
            }
        }
        return -1;
    }

    /** What follows a backslash, decoded; -1 for u. */
    static int simple(byte letter) {
        return switch (letter) {
            case 'u' -> -1;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> letter;
        };
    }

    private static int hex(byte[] json, int at) {
        return digit(json[at]) << 12 | digit(json[at + 1]) << 8 | digit(json[at + 2]) << 4 | digit(json[at + 3]);
    }

    private static int digit(byte c) {
        return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    }

    /** Writes a code point, which is no surrogate, in UTF-8. */
    static int encode(int code, byte[] target, int at) {
        int to = at;
        if (code < 0x80) {
            target[to++] = (byte) code;
        } else if (code < 0x800) {
            target[to++] = (byte) (0xc0 | code >> 6);
            target[to++] = (byte) (0x80 | code & 0x3f);
        } else if (code < 0x10000) {
            target[to++] = (byte) (0xe0 | code >> 12);
            target[to++] = (byte) (0x80 | code >> 6 & 0x3f);
            target[to++] = (byte) (0x80 | code & 0x3f);
        } else {
            target[to++] = (byte) (0xf0 | code >> 18);
            target[to++] = (byte) (0x80 | code >> 12 & 0x3f);
            target[to++] = (byte) (0x80 | code >> 6 & 0x3f);
            target[to++] = (byte) (0x80 | code & 0x3f);
        }
        return to;
    }

    /** The text in a register that holds a string of the payload, or a calculated one. Half a surrogate pair stays what it is. */
    public static String string(Registers r, int register) {
        int start = r.start[register];
        int end = r.end[register];
        return switch (r.kind[register]) {
            case Kind.STRING -> plain(r.payload, start, end, r.bits[register] == 1);
            case Kind.ESCAPED -> unescaped(r.payload, start, end);
            case Kind.TEXT -> plain(r.scratch, start, end, false);
            default ->
                throw new IllegalArgumentException("register " + register + " holds no text: " + r.kind[register]);
        };
    }

    static String plain(byte[] utf8, int start, int end, boolean ascii) {
        return new String(utf8, start, end - start, ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    static String unescaped(byte[] json, int start, int end) {
        var utf8 = new byte[end - start];
        int size = unescape(json, start, end, utf8, 0);
        return size < 0 ? charByChar(json, start, end) : new String(utf8, 0, size, StandardCharsets.UTF_8);
    }

    private static String charByChar(byte[] json, int start, int end) {
        var text = new StringBuilder(end - start);
        int from = start;
        while (from < end) {
            int run = from;
            while (run < end && json[run] != '\\') {
                run++;
            }
            text.append(new String(json, from, run - from, StandardCharsets.UTF_8));
            from = run;
            if (from < end) {
                int c = simple(json[from + 1]);
                text.append((char) (c >= 0 ? c : hex(json, from + 2)));
                from += c >= 0 ? 2 : 6;
            }
        }
        return text.toString();
    }

    /** How many characters, counted as CEL counts them, some UTF-8 holds. */
    public static int codePoints(byte[] utf8, int start, int end) {
        int count = 0;
        int at = start;
        for (; at <= end - 8; at += 8) {
            count += Words.characters(Words.get(utf8, at));
        }
        for (; at < end; at++) {
            count += (utf8[at] & 0xc0) == 0x80 ? 0 : 1;
        }
        return count;
    }

    /** Whether every character is one byte. */
    public static boolean isAscii(byte[] utf8, int start, int end) {
        int at = start;
        for (; at <= end - 8; at += 8) {
            if (!Words.ascii(Words.get(utf8, at))) {
                return false;
            }
        }
        for (; at < end; at++) {
            if (utf8[at] < 0) {
                return false;
            }
        }
        return true;
    }
}
