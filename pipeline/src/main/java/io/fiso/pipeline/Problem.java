// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

/**
 * Something the reader should know about what was written. The text is part of the product: subject, what was found, what to do.
 *
 * @param code stable and dotted: {@code pipeline.unknown_input}
 * @param message subject and what was found, one line
 * @param remedy what to do, one line; empty if the message says it all
 */
public record Problem(Severity severity, String code, Owner owner, Place place, String message, String remedy) {
    /** Whether it stops a run. */
    public enum Severity {
        ERROR,
        WARNING;

        /** As texts and JSON show it. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Who can put it right. */
    public enum Owner {
        USER,
        INTERNAL,
        RESOURCES,
        EXTERNAL;

        /** As texts and JSON show it. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Where. Lines and columns count from 1; line 0 means the file as a whole.
     *
     * @param sourceLine the line's text, for the caret; empty if there is none
     */
    public record Place(String file, int line, int column, String sourceLine) {
        /** {@code file:line:column}. */
        @Override
        public String toString() {
            return line == 0 ? file : file + ":" + line + ":" + column;
        }
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** For a terminal: place, message, code; the source line with a caret; the remedy. No trailing line break. */
    public String render() {
        var text = new StringBuilder()
                .append(place)
                .append(": ")
                .append(severity.label())
                .append(": ")
                .append(message)
                .append(" [")
                .append(code)
                .append(']');
        if (place.line() > 0 && !place.sourceLine().isBlank()) {
            appendSource(text);
        }
        if (!remedy.isEmpty()) {
            text.append("\n    ").append(remedy);
        }
        return text.toString();
    }

    /** Long lines are shown around the caret only. */
    private void appendSource(StringBuilder text) {
        final int widest = 120;
        var line = place.sourceLine();
        int caret = line.offsetByCodePoints(0, Math.min(place.column() - 1, line.codePointCount(0, line.length())));
        int from = caret < widest ? 0 : caret - widest / 2;
        var shown = line.substring(from, Math.min(line.length(), from + widest));
        var number = String.valueOf(place.line());
        text.append("\n  ").append(number).append(" | ").append(shown.replace('\t', ' '));
        text.append("\n  ")
                .append(" ".repeat(number.length()))
                .append(" | ")
                .append(" ".repeat(line.codePointCount(from, caret)))
                .append('^');
    }
}
