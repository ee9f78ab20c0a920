// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;
import java.util.random.RandomGenerator;

/** JSON objects with few names, so that expressions find them, and with values as odd as JSON allows. */
final class RandomDocuments {
    static final List<String> NUMBERS_NAMED = List.of("a", "price", "quantity");
    static final List<String> TEXTS_NAMED = List.of("b", "text", "long_name_of_a_member");
    static final List<String> NAMES =
            List.of("a", "b", "c", "price", "quantity", "text", "items", "nested", "long_name_of_a_member");

    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "3",
            "42",
            "-0",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1.5",
            "12.50",
            "0.1",
            "-0.0",
            "1e3",
            "1E-7",
            "2.0",
            "123456789012345678901234567890",
            "1e400",
            "3.141592653589793238",
            "10.5",
            "1e22");
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "A-1",
            "abc a",
            "\\u00e9",
            "é",
            "a\\nb",
            "\\\"",
            "\\\\",
            "\\/",
            "😀",
            "\\ud83d\\ude00",
            "12",
            "3.5",
            "true",
            " x ",
            "2026-01-02T03:04:05Z",
            "\\u0041");

    private final RandomGenerator random;
    private final StringBuilder out = new StringBuilder();

    RandomDocuments(RandomGenerator random) {
        this.random = random;
    }

    String next() {
        out.setLength(0);
        object(4);
        return out.toString();
    }

    private void value(int depth) {
        switch (random.nextInt(depth > 0 ? 10 : 7)) {
            case 0, 1, 2 -> out.append(pick(NUMBERS));
            case 3, 4 -> out.append('"').append(pick(TEXTS)).append('"');
            case 5 -> out.append(random.nextBoolean());
            case 6 -> out.append("null");
            case 7, 8 -> object(depth - 1);
            default -> array(depth - 1);
        }
    }

    private void object(int depth) {
        out.append('{');
        space();
        boolean first = true;
        for (var name : NAMES) {
            // Now and then the same name twice.
            for (int times = random.nextInt(40) == 0 ? 2 : random.nextInt(12) == 0 ? 0 : 1; times > 0; times--) {
                out.append(first ? "" : ",");
                first = false;
                space();
                out.append('"')
                        .append(random.nextInt(30) == 0 ? escaped(name) : name)
                        .append('"');
                space();
                out.append(':');
                space();
                member(name, depth - 1);
                space();
            }
        }
        out.append('}');
    }

    /** What the name says, as a rule. */
    private void member(String name, int depth) {
        if (random.nextInt(12) == 0) {
            value(depth);
        } else if (NUMBERS_NAMED.contains(name)) {
            out.append(random.nextInt(3) == 0 ? pick(NUMBERS) : String.valueOf(random.nextInt(-5, 50)));
        } else if (TEXTS_NAMED.contains(name)) {
            out.append('"').append(pick(TEXTS)).append('"');
        } else if (name.equals("c")) {
            out.append(random.nextBoolean());
        } else if (depth <= 0) {
            out.append(name.equals("items") ? "[]" : "{}");
        } else if (name.equals("items")) {
            array(depth);
        } else {
            object(depth);
        }
    }

    private static String escaped(String name) {
        return String.format("\\u%04x", (int) name.charAt(0)) + name.substring(1);
    }

    private void array(int depth) {
        out.append('[');
        space();
        boolean objects = random.nextInt(4) > 0 && depth > 0;
        for (int n = random.nextInt(4); n > 0; n--) {
            if (objects) {
                object(depth - 1);
            } else {
                value(depth - 1);
            }
            space();
            out.append(n > 1 ? "," : "");
            space();
        }
        out.append(']');
    }

    private void space() {
        if (random.nextInt(20) == 0) {
            out.append(pick(List.of(" ", "\n", "\t", "  ")));
        }
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
