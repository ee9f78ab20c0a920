// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What a caller sent, fit to be repeated in a message. */
final class Shown {
    static final int MESSAGE_MAX = 1_000;
    private static final int WORD_MAX = 80;
    private static final int NEAREST_DISTANCE_MAX = 3;

    private Shown() {}

    /** In quotes, without control characters and not too long. */
    static String word(String text) {
        return "\"" + text(text, WORD_MAX) + "\"";
    }

    static String text(String text, int lengthMax) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(lengthMax).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > lengthMax ? shown + "…" : shown.toString();
    }

    /** {@code ; did you mean "x"?}, or nothing if there is none that is like it. */
    static String suggestion(String written, Collection<String> known) {
        if (written.length() > WORD_MAX) {
            return "";
        }
        Optional<String> nearest = known.stream().min(Comparator.comparingInt(name -> distance(written, name)));
        return nearest.filter(name ->
                        distance(written, name) <= Math.min(NEAREST_DISTANCE_MAX, Math.max(1, name.length() / 2)))
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
    }

    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int above = row[j];
                int changed = one.charAt(i - 1) == other.charAt(j - 1) ? diagonal : diagonal + 1;
                row[j] = Math.min(changed, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[other.length()];
    }
}
