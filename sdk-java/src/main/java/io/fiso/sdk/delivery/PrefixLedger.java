// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * The text beside a committed position: the fates of everything before it, in one run. {@code fiso/1 delivered=120 failed=3 run=<id>};
 * fates that nothing met are left out. Another version may add words, and raises the number when old readers would count wrongly.
 */
public final class PrefixLedger {
    private static final String VERSION = "fiso/1";
    private static final String RUN = " run=";

    private PrefixLedger() {}

    /** These fates as text. */
    public static String write(String run, FateCounts fates) {
        StringBuilder text = new StringBuilder(96).append(VERSION);
        for (Fate fate : Fate.values()) {
            if (fates.of(fate) > 0) {
                text.append(' ').append(word(fate)).append('=').append(fates.of(fate));
            }
        }
        return text.append(RUN).append(run).toString();
    }

    /**
     * The fates that this text says were met in this run; none if it is empty or of another run, since each run counts from its beginning.
     *
     * @throws IllegalArgumentException if it cannot be read; the message says why
     */
    public static FateCounts read(String text, String run) {
        FateCounts fates = new FateCounts();
        if (text.isEmpty()) {
            return fates;
        }
        int end = text.indexOf(RUN);
        if (end < 0 || !text.startsWith(VERSION + " ")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" does not begin with \"" + VERSION + "\" and end with a run");
        }
        if (!text.substring(end + RUN.length()).equals(run)) {
            return fates;
        }
        if (end == VERSION.length()) {
            return fates;
        }
        for (String word : text.substring(VERSION.length() + 1, end).split(" ", -1)) {
            int equals = word.indexOf('=');
            fates.set(fate(text, word.substring(0, Math.max(0, equals))), count(text, word.substring(equals + 1)));
        }
        return fates;
    }

    private static long count(String text, String digits) {
        try {
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + digits + "\" in \"" + text + "\" is no count", e);
        }
    }

    private static Fate fate(String text, String word) {
        for (Fate fate : Fate.values()) {
            if (word(fate).equals(word)) {
                return fate;
            }
        }
        throw new IllegalArgumentException("\"" + word + "\" in \"" + text + "\" is no fate");
    }

    private static String word(Fate fate) {
        return switch (fate) {
            case FILTERED -> "filtered";
            case DELIVERED -> "delivered";
            case ABSORBED -> "absorbed";
            case DROPPED -> "dropped";
            case FAILED -> "failed";
        };
    }
}
