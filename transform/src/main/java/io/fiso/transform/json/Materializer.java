// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import dev.cel.common.values.NullValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the objects that cel-java calculates with: {@code Long}, {@code Double}, {@code String}, {@code Boolean}, {@code NullValue}, and maps and
 * lists of them in the payload's order. These know where in the payload they came from ({@link Source}).
 */
public final class Materializer {
    /** An object or array of the payload. Nothing changes it, so that it can leave as it came. */
    public sealed interface Source {
        byte[] json();

        int start();

        int end();

        /** As {@link Registers#treeBits} has it. */
        long treeBits();
    }

    private final byte[] json;
    private final Digits digits;
    private int at;
    private int lastSpace = -1;
    private int deepest;

    private Materializer(byte[] json, int at, Digits digits) {
        this.json = json;
        this.at = at;
        this.digits = digits;
    }

    /** The value in a register that holds one: it is neither absent, nor unset, nor an error. Decimals are remembered with their digits. */
    public static Object value(Registers r, int register, Digits digits) {
        return switch (r.kind[register]) {
            case Kind.NULL -> NullValue.NULL_VALUE;
            case Kind.FALSE -> Boolean.FALSE;
            case Kind.TRUE -> Boolean.TRUE;
            case Kind.INT -> r.bits[register];
            case Kind.DOUBLE -> Double.longBitsToDouble(r.bits[register]);
            case Kind.STRING, Kind.ESCAPED, Kind.TEXT -> JsonText.string(r, register);
            case Kind.DECIMAL -> decimal(r.payload, r.start[register], r.end[register], digits);
            case Kind.OBJECT, Kind.ARRAY -> valueAt(r.payload, r.start[register], digits);
            case Kind.REFERENCE -> referenced(r.ref[register]);
            default ->
                throw new IllegalArgumentException("register " + register + " holds no value: " + r.kind[register]);
        };
    }

    /** The value that starts there, of a payload that has been scanned; if it is a number, something follows it. */
    public static Object valueAt(byte[] json, int at, Digits digits) {
        return new Materializer(json, at, digits).value(1);
    }

    private static Object referenced(@Nullable Object value) {
        return value == null ? NullValue.NULL_VALUE : value;
    }

    private Object value(int depth) {
        return switch (json[at]) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal(4, Boolean.TRUE);
            case 'f' -> literal(5, Boolean.FALSE);
            case 'n' -> literal(4, NullValue.NULL_VALUE);
            default -> number();
        };
    }

    private Object literal(int length, Object value) {
        at += length;
        return value;
    }

    private String string() {
        int start = at + 1;
        at = JsonScanner.skipString(json, start);
        int end = at - 1;
        boolean ascii = true;
        for (int i = start; i < end; i++) {
            if (json[i] == '\\') {
                return JsonText.unescaped(json, start, end);
            }
            ascii &= json[i] >= 0;
        }
        return JsonText.plain(json, start, end, ascii);
    }

    private Object number() {
        int start = at;
        at = JsonScanner.skip(json, start);
        boolean integer = true;
        for (int i = start; i < at; i++) {
            integer &= json[i] <= '9' && json[i] != '.';
        }
        return integer && JsonNumbers.fits(json, start, at)
                ? (Object) JsonNumbers.integer(json, start, at)
                : decimal(json, start, at, digits);
    }

    private static Object decimal(byte[] json, int start, int end, Digits digits) {
        Object number = JsonNumbers.parse(json, start, end);
        digits.remember(number, new String(json, start, end - start, StandardCharsets.ISO_8859_1));
        return number;
    }

    private Object object(int depth) {
        int start = at;
        int outside = enter(depth);
        var members = new Members(json, start);
        if (token(1) != '}') {
            do {
                var name = string();
                token(0);
                token(1);
                members.put(name, value(depth + 1));
            } while (token(0) == ',' && token(1) == '"');
        }
        at++;
        members.end = at;
        members.treeBits = leave(start, depth, outside);
        return members;
    }

    private Object array(int depth) {
        int start = at;
        int outside = enter(depth);
        var elements = new Elements(json, start);
        if (token(1) != ']') {
            do {
                elements.add(value(depth + 1));
            } while (token(0) == ',' && token(1) != ']');
        }
        at++;
        elements.end = at;
        elements.treeBits = leave(start, depth, outside);
        return elements;
    }

    /** Goes on by so many bytes, and over white space, to the token that is given. */
    private byte token(int skipped) {
        int from = at + skipped;
        at = JsonScanner.skipSpace(json, from);
        if (at > from) {
            lastSpace = from;
        }
        return json[at];
    }

    private int enter(int depth) {
        int outside = deepest;
        deepest = depth;
        return outside;
    }

    private long leave(int start, int depth, int outside) {
        long bits = Registers.treeBits(deepest - depth + 1, lastSpace > start);
        deepest = Math.max(deepest, outside);
        return bits;
    }

    private static final class Members extends LinkedHashMap<String, Object> implements Source {
        private static final long serialVersionUID = 1;

        private final transient byte[] json;
        private final int start;
        private int end;
        private long treeBits;

        Members(byte[] json, int start) {
            this.json = json;
            this.start = start;
        }

        @Override
        public byte[] json() {
            return json;
        }

        @Override
        public int start() {
            return start;
        }

        @Override
        public int end() {
            return end;
        }

        @Override
        public long treeBits() {
            return treeBits;
        }
    }

    private static final class Elements extends ArrayList<Object> implements Source {
        private static final long serialVersionUID = 1;

        private final transient byte[] json;
        private final int start;
        private int end;
        private long treeBits;

        Elements(byte[] json, int start) {
            this.json = json;
            this.start = start;
        }

        @Override
        public byte[] json() {
            return json;
        }

        @Override
        public int start() {
            return start;
        }

        @Override
        public int end() {
            return end;
        }

        @Override
        public long treeBits() {
            return treeBits;
        }
    }
}
