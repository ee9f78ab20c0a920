// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Says what stands somewhere, for people. */
final class Found {
    private static final int SHOWN_CHARACTERS = 60;

    private Found() {}

    /** The kind and the size, without a word of the content: it is a user's data. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object" + of(value.size(), "member");
            case ARRAY -> "a list" + of(value.size(), "item");
            case STRING -> "a text" + of(value.asString().length(), "character");
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number";
            case BOOLEAN -> "a truth value";
            case NULL -> "null";
            default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }

    /** The value itself, shortened: of a schema, which is no secret. */
    static String value(JsonNode value) {
        return value.isContainer() ? kind(value) : shortened(value.toString(), SHOWN_CHARACTERS);
    }

    private static String of(int count, String what) {
        return " of " + count + " " + what + (count == 1 ? "" : "s");
    }

    /** On one line, and at most this long. */
    static String shortened(String text, int most) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && line.length() <= most; i++) {
            char c = text.charAt(i);
            line.append(
                    Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04x", (int) c) : Character.toString(c));
        }
        if (line.length() <= most) {
            return line.toString();
        }
        int end = Character.isHighSurrogate(line.charAt(most - 4)) ? most - 4 : most - 3;
        return line.substring(0, end) + "...";
    }
}
