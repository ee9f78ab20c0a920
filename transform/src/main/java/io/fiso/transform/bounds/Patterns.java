// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * RE2/J, which both the interpreter and the compiled code use: it needs no more time than text times pattern. That may still be much, and a pattern may
 * repeat what it repeats.
 */
final class Patterns {
    /** The size of a pattern, in what it has to match one after the other. */
    private static final long MOST = 50_000;

    private static final int MOST_GROUPS_IN_GROUPS = 200;

    /** Up to so many steps nobody has to wait for. */
    private static final long SHORT = 1L << 22;

    /** The clock is read once in so many steps. */
    private static final long STEPS_PER_LOOK = 1 << 16;

    /** Patterns up to this size are kept, and so many of them. */
    private static final long MOST_KEPT = 1_000;

    private static final int PATTERNS_KEPT = 128;

    private static final Map<String, Pattern> KEPT = new ConcurrentHashMap<>();

    private Patterns() {}

    /**
     * Refuses a pattern that is too large.
     *
     * @return its size
     * @throws IllegalArgumentException if it is
     */
    static long size(String pattern) {
        long size = new Sizing(pattern).size();
        if (size > MOST) {
            throw new IllegalArgumentException("the pattern is too large, or repeats too much");
        }
        return size;
    }

    /** Whether matching may take a while. */
    static boolean isLong(String text, long size) {
        return text.length() * size > SHORT;
    }

    /** A matcher that looks at the clock. */
    static Matcher matcher(Effort effort, String pattern, long size, String text) {
        return compiled(pattern, size).matcher(new Watched(effort, text, (int) Math.max(1, STEPS_PER_LOOK / size)));
    }

    /** A pattern of an expression is the same for every event; one that comes with the event pushes it out at worst. */
    private static Pattern compiled(String pattern, long size) {
        if (size > MOST_KEPT) {
            return Pattern.compile(pattern);
        }
        var known = KEPT.get(pattern);
        if (known == null) {
            known = Pattern.compile(pattern);
            if (KEPT.size() >= PATTERNS_KEPT) {
                KEPT.clear();
            }
            KEPT.put(pattern, known);
        }
        return known;
    }

    /** A text whose reader is stopped when the time is up. */
    private static final class Watched implements CharSequence {
        private final Effort effort;
        private final CharSequence text;
        private final int readsPerLook;
        private int reads;

        Watched(Effort effort, CharSequence text, int readsPerLook) {
            this.effort = effort;
            this.text = text;
            this.readsPerLook = readsPerLook;
        }

        @Override
        public char charAt(int index) {
            if (++reads >= readsPerLook) {
                reads = 0;
                effort.checkTime();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    /** Goes over a pattern. Of one that is not valid it says anything. */
    private static final class Sizing {
        private final String pattern;
        private final long[] outer = new long[MOST_GROUPS_IN_GROUPS];
        private int open;
        private int at;
        private long sum;
        private long last;

        Sizing(String pattern) {
            this.pattern = pattern;
        }

        long size() {
            while (at < pattern.length() && sum <= MOST) {
                next(pattern.charAt(at++));
            }
            while (open > 0) {
                close();
            }
            return sum + last + 1;
        }

        private void next(char c) {
            switch (c) {
                case '(' -> {
                    if (open == MOST_GROUPS_IN_GROUPS) {
                        sum = MOST + 1;
                        return;
                    }
                    outer[open++] = sum + last;
                    sum = 0;
                    last = 0;
                }
                case ')' -> close();
                case '[' -> {
                    skipClass();
                    item();
                }
                case '\\' -> {
                    at++;
                    item();
                }
                case '{' -> repeat();
                default -> item();
            }
        }

        private void item() {
            sum += last;
            last = 1;
        }

        private void close() {
            if (open > 0) {
                last += sum + 2;
                sum = outer[--open];
            }
        }

        /** Classes hold brackets without a meaning. */
        private void skipClass() {
            int end = at;
            if (end < pattern.length() && pattern.charAt(end) == '^') {
                end++;
            }
            if (end < pattern.length() && pattern.charAt(end) == ']') {
                end++;
            }
            while (end < pattern.length() && pattern.charAt(end) != ']') {
                end += pattern.charAt(end) == '\\' ? 2 : 1;
            }
            at = Math.min(end + 1, pattern.length());
        }

        private void repeat() {
            long most = 0;
            long number = 0;
            int end = at;
            for (; end < pattern.length(); end++) {
                char c = pattern.charAt(end);
                if (c >= '0' && c <= '9') {
                    number = Math.min(MOST, number * 10 + c - '0');
                } else {
                    most = Math.max(most, number);
                    number = 0;
                    if (c != ',') {
                        break;
                    }
                }
            }
            if (end < pattern.length() && pattern.charAt(end) == '}') {
                at = end + 1;
                last = Math.min(MOST + 1, last * Math.max(1, Math.max(most, number)));
            } else {
                item();
            }
        }
    }
}
