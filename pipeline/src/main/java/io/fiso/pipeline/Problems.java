// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Problem.Owner;
import io.fiso.pipeline.Problem.Place;
import io.fiso.pipeline.Problem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one document; there is no point in more than {@value #MOST} of them. */
final class Problems {
    private static final int MOST = 200;

    private final String file;
    private final List<String> lines;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file, String text) {
        this.file = file;
        this.lines = text.lines().toList();
    }

    void error(String code, Node.Mark at, String message, String remedy) {
        add(Severity.ERROR, code, at, message, remedy);
    }

    void warning(String code, Node.Mark at, String message, String remedy) {
        add(Severity.WARNING, code, at, message, remedy);
    }

    /** Takes over what is wrong with another document that this one names. */
    void addAll(Problems others) {
        others.found.stream().limit(MOST - found.size()).forEach(found::add);
    }

    private void add(Severity severity, String code, Node.Mark at, String message, String remedy) {
        if (found.size() < MOST) {
            found.add(new Problem(severity, code, Owner.USER, place(at), message, remedy));
        }
    }

    /** The document's name in messages. */
    String file() {
        return file;
    }

    boolean hasErrors() {
        return found.stream().anyMatch(Problem::isError);
    }

    /** In the order of the file, each once. */
    List<Problem> sorted() {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparing((Problem p) -> p.place().line())
                        .thenComparing(p -> p.place().column()))
                .toList();
    }

    String line(int number) {
        return number >= 1 && number <= lines.size() ? lines.get(number - 1) : "";
    }

    private Place place(Node.Mark at) {
        return new Place(file, at.line(), at.column(), line(at.line()));
    }

    /** Where in the file a position inside a scalar's value is, however the scalar was written: block, folded, quoted or plain. */
    Node.Mark inside(Node.Scalar scalar, int line, int column) {
        if (scalar.substituted()) {
            return scalar.at();
        }
        int ordinal = visibleBefore(scalar.text(), line, column);
        int number = scalar.at().line();
        int from = scalar.at().column() - 1;
        switch (scalar.style()) {
            case BLOCK -> {
                number++;
                from = 0;
            }
            case SINGLE_QUOTED, DOUBLE_QUOTED -> from++;
            case PLAIN, UNRESOLVED -> {}
        }
        if (ordinal > 0 && ordinal >= visibleBefore(scalar.text(), Integer.MAX_VALUE, 1)) {
            // Something is missing at the end: behind the last character, and not at whatever the file goes on with.
            Node.Mark end = locate(ordinal - 1, scalar.style(), number, from, scalar.at());
            return new Node.Mark(end.line(), end.column() + 1);
        }
        return locate(ordinal, scalar.style(), number, from, scalar.at());
    }

    /**
     * White space is what folding and indentation change; the characters one can see come through in order. All of it counts code points, as
     * YAML's marks and CEL's do.
     */
    private static int visibleBefore(String value, int line, int column) {
        int visible = 0;
        int atLine = 1;
        int atColumn = 1;
        for (int i = 0; i < value.length(); i += Character.charCount(value.codePointAt(i))) {
            if (atLine > line || atLine == line && atColumn >= column) {
                break;
            }
            int c = value.codePointAt(i);
            if (!Character.isWhitespace(c)) {
                visible++;
            }
            atColumn++;
            if (c == '\n') {
                atLine++;
                atColumn = 1;
            }
        }
        return visible;
    }

    private Node.Mark locate(int ordinal, Node.Style style, int firstLine, int firstColumn, Node.Mark fallback) {
        int left = ordinal;
        var last = fallback;
        int from = line(firstLine).offsetByCodePoints(0, Math.min(firstColumn, length(line(firstLine))));
        for (int number = firstLine; number <= lines.size(); number++, from = 0) {
            var text = line(number);
            for (int i = from; i < text.length(); ) {
                int width = escapeWidth(text, i, style);
                if (isVisible(text, i, width, style)) {
                    if (left == 0) {
                        return new Node.Mark(number, text.codePointCount(0, i) + 1);
                    }
                    left--;
                    last = new Node.Mark(number, text.codePointCount(0, i + width));
                }
                i += width;
            }
        }
        return last;
    }

    private static int length(String line) {
        return line.codePointCount(0, line.length());
    }

    /** Whether what is written there is a character of the value that is no white space. */
    private static boolean isVisible(String text, int at, int width, Node.Style style) {
        int c = text.codePointAt(at);
        if (style != Node.Style.DOUBLE_QUOTED || c != '\\') {
            return !Character.isWhitespace(c);
        }
        return switch (width) {
            // A backslash at the end of a line takes the line break away.
            case 1 -> false;
            case 2 -> "nrtvfLP \t".indexOf(text.charAt(at + 1)) < 0;
            default -> !isEscapedSpace(text.substring(at + 2, at + width));
        };
    }

    private static boolean isEscapedSpace(String hex) {
        return hex.matches("[0-9a-fA-F]{1,8}") && Character.isWhitespace((int) Long.parseLong(hex, 16));
    }

    private static int escapeWidth(String text, int at, Node.Style style) {
        boolean more = at + 1 < text.length();
        if (style == Node.Style.DOUBLE_QUOTED && text.charAt(at) == '\\' && more) {
            return switch (text.charAt(at + 1)) {
                case 'x' -> Math.min(4, text.length() - at);
                case 'u' -> Math.min(6, text.length() - at);
                case 'U' -> Math.min(10, text.length() - at);
                default -> 2;
            };
        }
        return style == Node.Style.SINGLE_QUOTED && text.startsWith("''", at)
                ? 2
                : Character.charCount(text.codePointAt(at));
    }
}
