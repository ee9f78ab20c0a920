// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

/** How long it takes to look for a text in a text. Comparing from each position on takes the product of the lengths, if both are made for it. */
public final class Search {
    /** Up to so many comparisons nobody has to wait for. */
    private static final long SHORT = 1L << 20;

    private static final int COMPARISONS_PER_LOOK = 1 << 16;

    private Search() {}

    /** Whether a search may take a while. */
    public static boolean isLong(int text, int part) {
        return (long) text * part > SHORT;
    }

    /** Takes the time that finding the first takes. */
    static void first(Effort effort, String text, String part) {
        if (isLong(text.length(), part.length())) {
            count(effort, text, part, 1);
        }
    }

    /** Takes the time that finding the last takes. */
    static void last(Effort effort, String text, String part) {
        if (isLong(text.length(), part.length())) {
            count(
                    effort,
                    new StringBuilder(text).reverse().toString(),
                    new StringBuilder(part).reverse().toString(),
                    1);
        }
    }

    /** How often a text occurs; occurrences do not overlap. */
    static int count(Effort effort, String text, String part, long most) {
        if (part.isEmpty()) {
            return (int) Math.min(most, text.length() + 1);
        }
        int found = 0;
        int compared = 0;
        for (int at = 0; at <= text.length() - part.length() && found < most; at++) {
            int same = 0;
            while (same < part.length() && text.charAt(at + same) == part.charAt(same)) {
                same++;
            }
            compared += same + 1;
            if (compared > COMPARISONS_PER_LOOK) {
                compared = 0;
                effort.checkTime();
            }
            if (same == part.length()) {
                found++;
                at += same - 1;
            }
        }
        return found;
    }
}
