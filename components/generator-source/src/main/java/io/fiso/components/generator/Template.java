// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A payload with blanks, filled in as bytes: {@code {{n}}} is the event's number, {@code {{key}}} its order key; {@code {{order}}}, {@code {{status}}}, {@code {{price}}} and
 * {@code {{quantity}}} make up an order that depends on the number alone, so that the same number always gives the same payload.
 */
final class Template {
    private static final byte[][] STATUSES = {
        ascii("NEW"), ascii("PAID"), ascii("SHIPPED"), ascii("CANCELLED"),
    };
    private static final byte[] NO_BYTES = {};

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** What can stand between double braces. */
    private enum Blank {
        NONE,
        N,
        KEY,
        ORDER,
        STATUS,
        PRICE,
        QUANTITY
    }

    /** Fixed bytes, and the blank behind them. */
    private record Part(byte[] text, Blank blank) {}

    /** Reads a template. */
    static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
            int close = text.indexOf("}}", open);
            if (close < 0) {
                break;
            }
            String name = text.substring(open + 2, close).strip();
            if (!name.matches("[a-z]+")) {
                // Two braces of nested JSON objects, not a blank.
                int next = open + 1;
                parts.add(new Part(utf8(text.substring(from, next)), Blank.NONE));
                from = next;
                continue;
            }
            parts.add(new Part(utf8(text.substring(from, open)), blank(name)));
            from = close + 2;
        }
        parts.add(new Part(utf8(text.substring(from)), Blank.NONE));
        return new Template(parts);
    }

    private static Blank blank(String name) {
        for (Blank blank : Blank.values()) {
            if (blank != Blank.NONE && blank.name().toLowerCase(Locale.ROOT).equals(name)) {
                return blank;
            }
        }
        String known = Arrays.stream(Blank.values())
                .filter(blank -> blank != Blank.NONE)
                .map(blank -> "{{" + blank.name().toLowerCase(Locale.ROOT) + "}}")
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException("data: \"{{" + name + "}}\" is not known; there are " + known);
    }

    /** Appends the payload of event {@code n}. */
    void render(long n, byte[] key, ByteArray out) {
        for (Part part : parts) {
            out.append(part.text);
            switch (part.blank) {
                case NONE -> out.append(NO_BYTES);
                case N -> out.appendDecimal(n, 1);
                case KEY -> out.append(key);
                case ORDER -> out.appendDecimal(n, 8);
                case STATUS -> out.append(STATUSES[(int) (n % STATUSES.length)]);
                case PRICE -> {
                    out.appendDecimal(n % 97 + 1, 1);
                    out.append((byte) '.');
                    // Quarters have an exact binary form: totals computed from them read as one expects.
                    out.appendDecimal(n % 4 * 25, 2);
                }
                case QUANTITY -> out.appendDecimal(n % 9 + 1, 1);
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
