// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a reader probably meant. */
final class Suggestion {
    private static final List<String> FUNCTIONS = List.of(
            "all", "exists", "exists_one", "filter", "map", "has", "size", "contains", "startsWith", "endsWith", "matches", "int", "uint",
            "double", "string", "bool", "bytes", "duration", "timestamp", "type", "dyn", "charAt", "indexOf", "lastIndexOf", "join",
            "lowerAscii", "upperAscii", "replace", "split", "substring", "trim", "reverse", "format", "getFullYear", "getMonth", "getDate",
            "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds", "slice", "flatten",
            "distinct", "sort", "sortBy", "math.greatest", "math.least", "math.ceil", "math.floor", "math.round", "math.trunc", "math.abs",
            "base64.encode", "base64.decode", "optional.of", "optional.none", "orValue");

    private Suggestion() {}

    static Optional<String> forName(String name, boolean function) {
        var close = closest(name, function ? FUNCTIONS : CelLanguage.VARIABLES);
        if (close.isPresent() || function || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            return close;
        }
        return Optional.of("data." + name);
    }

    private static Optional<String> closest(String name, List<String> candidates) {
        return candidates.stream()
                .filter(c -> distance(name, c) <= Math.max(1, c.length() / 3))
                .min(Comparator.comparingInt(c -> distance(name, c)));
    }

    /** Edits between two words, their case aside. */
    private static int distance(String a, String b) {
        var left = a.toLowerCase(java.util.Locale.ROOT);
        var right = b.toLowerCase(java.util.Locale.ROOT);
        var row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + change);
                diagonal = above;
            }
        }
        return row[right.length()];
    }
}
