// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.SplittableRandom;

/** JSON texts nobody would write by hand, the same ones for the same seed. */
final class RandomJson {
    static final List<String> NAMES = List.of(
            "a",
            "b",
            "id",
            "",
            "name",
            "seven77",
            "exactly8",
            "exactly9_",
            "sixteen_letters_",
            "sixteen_letterz_",
            "a_name_of_more_than_sixteen_letters",
            "a_name_of_more_than_sixteen_letterz",
            "é",
            "日本語の名前",
            "\uD83D\uDE00",
            "say \"hi\" \\ \n");

    private static final String[] NUMBERS = {
        "0",
        "-0",
        "1",
        "-1",
        "42",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "10000000000000000000",
        "123456789012345678901234567890",
        "0.0",
        "-0.0",
        "1.5",
        "12.50",
        "1e3",
        "1E+3",
        "1e-7",
        "0e0",
        "1.7976931348623157e308",
        "1e400",
        "4.9e-324",
        "0.1",
        "3.141592653589793",
        "999999999999999999",
        "1000000000000000000"
    };

    private static final String[] CHARACTERS = {
        "a",
        "b",
        "z",
        "0",
        " ",
        "/",
        "~",
        "\u007f",
        "é",
        "ß",
        "\u07ff",
        "\u0800",
        "日",
        "\uffff",
        "\ud7ff",
        "\ue000",
        "\ud83d\ude00",
        "\udbff\udfff",
        "\ud800\udc00"
    };

    private static final String[] ESCAPES = {
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u001f",
        "\\u0041",
        "\\u00e9",
        "\\u00E9",
        "\\u20ac",
        "\\ud83d\\ude00",
        "\\uD83D\\uDE00"
    };

    private static final String[] HALVES = {
        "\\ud800", "\\udfff", "\\udbffx", "\\ud800\\ud800\\udc00", "\\ud800\\n", "\\ud800\\u0041"
    };

    private static final String[] SPACES = {" ", "  ", "\n", "\r\n", "\t", "          ", " \n                  "};

    private static final byte[] INTERESTING = "{}[]\",:\\/ \n\t0123456789-+.eEtruefalsn\u0000\u001f".getBytes(UTF_8);

    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder();
    private int spacing;
    private boolean halves;

    RandomJson(SplittableRandom random) {
        this.random = random;
    }

    /** Without halves of surrogate pairs. */
    String document() {
        halves = false;
        return make();
    }

    /** Maybe with halves of surrogate pairs, which are JSON and not Unicode. */
    String anyDocument() {
        halves = random.nextInt(4) == 0;
        return make();
    }

    private String make() {
        text.setLength(0);
        spacing = random.nextInt(3) == 0 ? random.nextInt(1, 6) : 0;
        space();
        value(random.nextInt(1, 6));
        space();
        return text.toString();
    }

    private void space() {
        if (spacing > 0 && random.nextInt(spacing) == 0) {
            text.append(pick(SPACES));
        }
    }

    private void value(int levels) {
        switch (levels > 0 ? random.nextInt(10) : random.nextInt(5)) {
            case 0 -> text.append(pick(new String[] {"true", "false", "null"}));
            case 1, 2 -> number();
            case 3, 4 -> string();
            case 5, 6 -> array(levels);
            default -> object(levels);
        }
    }

    private void number() {
        if (random.nextBoolean()) {
            text.append(pick(NUMBERS));
        } else {
            text.append(random.nextLong() >> random.nextInt(64));
            if (random.nextInt(3) == 0) {
                text.append('.').append(random.nextLong(1_000_000_000) >> random.nextInt(30));
            }
            if (random.nextInt(6) == 0) {
                text.append('e').append(random.nextInt(-30, 30));
            }
        }
    }

    private void string() {
        text.append('"');
        int length = random.nextInt(4) == 0 ? random.nextInt(40) : random.nextInt(12);
        boolean plain = random.nextInt(3) > 0;
        for (int i = 0; i < length; i++) {
            if (plain) {
                text.append((char) ('a' + random.nextInt(26)));
            } else if (halves && random.nextInt(8) == 0) {
                text.append(pick(HALVES));
            } else {
                text.append(pick(random.nextInt(3) == 0 ? ESCAPES : CHARACTERS));
            }
        }
        text.append('"');
    }

    private void array(int levels) {
        text.append('[');
        space();
        int size = random.nextInt(5);
        for (int i = 0; i < size; i++) {
            separate(i);
            value(levels - 1);
            space();
        }
        text.append(']');
    }

    private void object(int levels) {
        text.append('{');
        space();
        int size = random.nextInt(7);
        for (int i = 0; i < size; i++) {
            separate(i);
            name();
            space();
            text.append(':');
            space();
            value(levels - 1);
            space();
        }
        text.append('}');
    }

    private void separate(int index) {
        if (index > 0) {
            text.append(',');
            space();
        }
    }

    private void name() {
        text.append('"');
        boolean escaping = random.nextInt(8) == 0;
        NAMES.get(random.nextInt(NAMES.size())).codePoints().forEach(c -> {
            if (c == '"' || c == '\\' || c < ' ' || escaping && random.nextBoolean()) {
                for (char unit : Character.toChars(c)) {
                    text.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                text.appendCodePoint(c);
            }
        });
        text.append('"');
    }

    private String pick(String[] some) {
        return some[random.nextInt(some.length)];
    }

    /** The text with a few bytes changed, left out, doubled or cut off. */
    byte[] broken(String document) {
        var bytes = document.getBytes(UTF_8);
        for (int i = random.nextInt(1, 3); i > 0 && bytes.length > 0; i--) {
            bytes = brokenOnce(bytes);
        }
        return bytes;
    }

    private byte[] brokenOnce(byte[] bytes) {
        int at = random.nextInt(bytes.length);
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        switch (random.nextInt(6)) {
            case 0 -> out.write(bytes, at + 1, bytes.length - at - 1);
            case 1 -> {
                out.write(INTERESTING[random.nextInt(INTERESTING.length)]);
                out.write(bytes, at, bytes.length - at);
            }
            case 2, 3 -> {
                out.write(INTERESTING[random.nextInt(INTERESTING.length)]);
                out.write(bytes, at + 1, bytes.length - at - 1);
            }
            case 4 -> {
                out.write(random.nextInt(256));
                out.write(bytes, at + 1, bytes.length - at - 1);
            }
            default -> {
                // cut off
            }
        }
        return out.toByteArray();
    }
}
