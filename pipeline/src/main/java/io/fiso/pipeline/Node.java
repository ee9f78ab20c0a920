// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A YAML value that knows where it stands. Immutable, so an alias is the very node it names. */
sealed interface Node {
    Mark at();

    /** How many nodes it is made of, aliases written out; what a walk over it costs. */
    long size();

    /** A position; both count from 1, columns in code points. */
    record Mark(int line, int column) {
        static final Mark NONE = new Mark(0, 0);
    }

    /** How a scalar was written. */
    enum Style {
        PLAIN,
        SINGLE_QUOTED,
        DOUBLE_QUOTED,
        BLOCK,
        /** A reference that led nowhere: reported already, so nothing else is to be said about it. */
        UNRESOLVED
    }

    /**
     * A value without parts.
     *
     * @param value null, Boolean, Long, java.math.BigInteger, Double or String
     * @param text its text, references replaced
     * @param written its text before references were replaced: what may be shown
     * @param secret whether the value came from a secret
     */
    record Scalar(Mark at, @Nullable Object value, String text, String written, Style style, boolean secret)
            implements Node {
        @Override
        public long size() {
            return 1;
        }

        boolean isNull() {
            return value == null;
        }

        /** Numbers in one way, however they were written; anything else as its text. */
        String canonical() {
            var meant = value instanceof String && substituted() ? YamlReader.resolve(text) : value;
            return switch (meant) {
                case Double number
                when number == Math.rint(number) && Math.abs(number) < 1e15 -> Long.toString(number.longValue());
                case Number number -> number.toString();
                case null, default -> text;
            };
        }

        boolean substituted() {
            return secret || !text.equals(written);
        }
    }

    /** An ordered mapping; keys are unique. */
    record Mapping(Mark at, List<Entry> entries, long size) implements Node {
        static Mapping of(Mark at, List<Entry> entries) {
            return new Mapping(
                    at,
                    List.copyOf(entries),
                    1 + entries.stream().mapToLong(e -> 1 + e.value().size()).sum());
        }

        @Nullable
        Node get(String key) {
            var entry = entry(key);
            return entry == null ? null : entry.value();
        }

        @Nullable
        Entry entry(String key) {
            for (var entry : entries) {
                if (entry.key().text().equals(key)) {
                    return entry;
                }
            }
            return null;
        }

        boolean has(String key) {
            return entry(key) != null;
        }

        Mapping without(String key) {
            return of(
                    at,
                    entries.stream().filter(e -> !e.key().text().equals(key)).toList());
        }

        /** The same with a key set, in its old place if it had one. */
        Mapping with(String key, Node value) {
            if (!has(key)) {
                var longer = new java.util.ArrayList<>(entries);
                longer.add(new Entry(text(value.at(), key), value));
                return of(at, longer);
            }
            return of(
                    at,
                    entries.stream()
                            .map(e -> e.key().text().equals(key) ? new Entry(e.key(), value) : e)
                            .toList());
        }
    }

    /** One member of a mapping. */
    record Entry(Scalar key, Node value) {}

    /** A list. */
    record Sequence(Mark at, List<Node> items, long size) implements Node {
        static Sequence of(Mark at, List<Node> items) {
            return new Sequence(
                    at,
                    List.copyOf(items),
                    1 + items.stream().mapToLong(Node::size).sum());
        }
    }

    /** A text that nobody wrote, at the place that caused it. */
    static Scalar text(Mark at, String value) {
        return new Scalar(at, value, value, value, Style.PLAIN, false);
    }

    /** What it is, for "found ...". */
    static String describe(Node node) {
        return switch (node) {
            case Mapping _ -> "a mapping";
            case Sequence _ -> "a list";
            case Scalar scalar when scalar.isNull() -> "nothing";
            case Scalar scalar -> describe(scalar);
        };
    }

    private static String describe(Scalar scalar) {
        var shown = scalar.secret() ? "***" : shorten(scalar.written());
        if (scalar.substituted() && !scalar.secret()) {
            return shown;
        }
        return switch (scalar.value()) {
            case Boolean _, Number _ -> shown;
            case null, default -> "\"" + shown + "\"";
        };
    }

    private static String shorten(String text) {
        var line = text.lines().findFirst().orElse("");
        return line.length() > 60
                ? line.substring(0, 57) + "..."
                : line.length() < text.stripTrailing().length() ? line + "..." : line;
    }
}
