// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Pattern;

/**
 * A regular expression of a schema. The dialect of JSON Schema has look-around and back references, so it needs an engine that tries back and forth, and such
 * a one can be made to try for years by the right text. So what it may look at is counted.
 */
final class BoundedPattern implements RegularExpression {
    private static final int STEPS_MIN = 1_000_000;
    private static final int STEPS_PER_CHARACTER = 100;

    private final String expression;
    private final Pattern pattern;

    /** @throws java.util.regex.PatternSyntaxException if it is none */
    BoundedPattern(String expression) {
        this.expression = expression;
        this.pattern = Pattern.compile(RegularExpressions.replaceLongformCharacterProperties(
                RegularExpressions.replaceDollarAnchors(expression)));
    }

    @Override
    public boolean matches(String value) {
        try {
            return pattern.matcher(new Counted(value, expression)).find();
        } catch (StackOverflowError e) {
            // The engine keeps what it has tried on the stack: a repeated group in a long text.
            throw new TooMuchException(expression, value.length());
        }
    }

    /** The text makes the expression try more than it may. */
    static final class TooMuchException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private TooMuchException(String pattern, int length) {
            super(
                    "the pattern " + Found.shortened(pattern, 80) + " takes too much for a text of " + length
                            + " characters",
                    null,
                    false,
                    false);
        }
    }

    /** A text that lets itself be looked at so many times. */
    private static final class Counted implements CharSequence {
        private final String text;
        private final String pattern;
        private long left;

        Counted(String text, String pattern) {
            this.text = text;
            this.pattern = pattern;
            this.left = STEPS_MIN + (long) STEPS_PER_CHARACTER * text.length();
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new TooMuchException(pattern, text.length());
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
