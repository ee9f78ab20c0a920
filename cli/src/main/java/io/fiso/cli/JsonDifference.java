// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** In what two JSON values differ: members may come in any order, and a number is its value, not its digits. */
final class JsonDifference {
    private static final int LONGEST = 120;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final List<String> lines = new ArrayList<>();

    private final boolean partial;

    private JsonDifference(boolean partial) {
        this.partial = partial;
    }

    static JsonNode parse(String text) {
        return JSON.readTree(text);
    }

    /** A line for each place that differs; none if nothing does. */
    static List<String> between(JsonNode expected, JsonNode found) {
        var difference = new JsonDifference(false);
        difference.compare("", expected, found);
        return difference.lines;
    }

    /** The same for what is expected only: members of objects that it does not name may be anything, and null asks for null or for nothing. */
    static List<String> lacking(JsonNode expected, JsonNode found) {
        var difference = new JsonDifference(true);
        difference.compare("", expected, found);
        return difference.lines;
    }

    private void compare(String pointer, JsonNode expected, JsonNode found) {
        if (expected.isObject() && found.isObject()) {
            var names = new TreeSet<String>(expected.propertyNames());
            if (!partial) {
                names.addAll(found.propertyNames());
            }
            for (var name : names) {
                member(pointer + "/" + name.replace("~", "~0").replace("/", "~1"), expected.get(name), found.get(name));
            }
        } else if (expected.isArray() && found.isArray()) {
            for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
                member(pointer + "/" + i, expected.get(i), found.get(i));
            }
        } else if (!same(expected, found)) {
            lines.add(place(pointer) + "expected " + shown(expected) + ", found " + shown(found));
        }
    }

    private void member(String pointer, @Nullable JsonNode expected, @Nullable JsonNode found) {
        if (partial && found == null && expected != null && expected.isNull()) {
            return;
        }
        if (expected == null && found != null) {
            lines.add(place(pointer) + "not expected, found " + shown(found));
        } else if (found == null && expected != null) {
            lines.add(place(pointer) + "expected " + shown(expected) + ", and it is not there");
        } else if (expected != null && found != null) {
            compare(pointer, expected, found);
        }
    }

    private static boolean same(JsonNode a, JsonNode b) {
        return a.isNumber() && b.isNumber() ? a.decimalValue().compareTo(b.decimalValue()) == 0 : a.equals(b);
    }

    private static String place(String pointer) {
        return pointer.isEmpty() ? "" : "at " + pointer + ": ";
    }

    static String shown(JsonNode value) {
        var text = value.toString();
        return text.length() > LONGEST ? text.substring(0, LONGEST - 3) + "..." : text;
    }
}
