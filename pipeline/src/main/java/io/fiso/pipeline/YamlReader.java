// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.Node.Style;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One YAML 1.2 document (core schema) to a tree of {@link Node}. Works on the parser's events, so neither deep nesting nor aliases of
 * aliases cost more than the bounds here.
 */
final class YamlReader {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_NODES = 100_000;

    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,400}");
    private static final Pattern OCTAL = Pattern.compile("0o[0-7]{1,20}");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{1,15}");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    private final Problems problems;
    private final Map<Anchor, Node> anchors = new HashMap<>();
    private final Set<Anchor> openAnchors = new HashSet<>();
    private final Deque<Open> open = new ArrayDeque<>();
    private @Nullable Node root;
    private long nodes;

    private YamlReader(Problems problems) {
        this.problems = problems;
    }

    /** The document; empty if there is none to speak of, and then there is a problem that says why. */
    static Optional<Node> read(SourceText source, Problems problems) {
        return new YamlReader(problems).read(source);
    }

    private Optional<Node> read(SourceText source) {
        var text = source.text();
        if (text.length() > SourceText.MAX_BYTES
                || text.getBytes(StandardCharsets.UTF_8).length > SourceText.MAX_BYTES) {
            problems.error("yaml.too_large", Mark.NONE, "the file is larger than 1 MiB", "is this a pipeline file?");
            return Optional.empty();
        }
        int broken = text.indexOf('\uFFFD');
        if (broken >= 0) {
            problems.error(
                    "yaml.encoding", markOf(text, broken), "these bytes are not UTF-8", "save the file as UTF-8");
            return Optional.empty();
        }
        if (text.isBlank()) {
            problems.error(
                    "yaml.empty",
                    Mark.NONE,
                    "the file is empty",
                    "start with: apiVersion: fiso.io/v1alpha1, kind: Pipeline");
            return Optional.empty();
        }
        try {
            for (var event : new Parse(LoadSettings.builder()
                            .setLabel(source.file())
                            .setCodePointLimit(SourceText.MAX_BYTES)
                            .build())
                    .parseString(text)) {
                take(event);
            }
        } catch (Refused e) {
            problems.error(e.code, e.at, e.text, e.remedy);
            return Optional.empty();
        } catch (YamlEngineException e) {
            syntax(e, text);
            return Optional.empty();
        }
        if (root == null) {
            problems.error(
                    "yaml.empty",
                    Mark.NONE,
                    "the file holds no document, only comments",
                    "start with: apiVersion: fiso.io/v1alpha1, kind: Pipeline");
        }
        return Optional.ofNullable(root);
    }

    private void syntax(YamlEngineException e, String text) {
        switch (e) {
            case MarkedYamlEngineException marked -> {
                var at = marked.getProblemMark().map(YamlReader::mark).orElse(Mark.NONE);
                var what = Optional.ofNullable(marked.getProblem()).orElse("this is not YAML");
                var context = Optional.ofNullable(marked.getContext())
                        .map(c -> " " + c)
                        .orElse("");
                problems.error("yaml.syntax", at, oneLine(what + context), remedy(what, at));
            }
            case ReaderException unreadable ->
                problems.error(
                        "yaml.syntax",
                        markOf(
                                text,
                                text.offsetByCodePoints(
                                        0,
                                        Math.clamp(
                                                unreadable.getPosition(), 0, text.codePointCount(0, text.length())))),
                        "a character that YAML does not allow: U+%04X".formatted(unreadable.getCodePoint()),
                        "remove it");
            default -> problems.error("yaml.syntax", Mark.NONE, oneLine(String.valueOf(e.getMessage())), "");
        }
    }

    private String remedy(String what, Mark at) {
        var line = problems.line(at.line());
        if (what.contains("'\\t'")
                || what.contains("TAB")
                || line.stripTrailing().contains("\t")) {
            return "YAML indents with spaces; replace the tab";
        }
        if (line.contains("${") && line.contains("{")) {
            return "inside { } or [ ] put quotes around ${...}";
        }
        if (what.contains("mapping values are not allowed")) {
            return "check the indentation, and put quotes around a value that contains \": \"";
        }
        return "check indentation, quotes and brackets here and in the line above";
    }

    private void take(Event event) {
        switch (event) {
            case DocumentStartEvent _
            when root != null ->
                throw new Refused(
                        "yaml.several_documents",
                        mark(event),
                        "a second document begins here",
                        "one pipeline per file: put the rest into a file of its own");
            case ScalarEvent scalar -> add(scalar(scalar), scalar.getAnchor(), mark(event));
            case AliasEvent alias -> add(target(alias), Optional.empty(), mark(event));
            case MappingStartEvent start -> push(new Open(mark(event), true, start.getAnchor()));
            case SequenceStartEvent start -> push(new Open(mark(event), false, start.getAnchor()));
            case MappingEndEvent _, SequenceEndEvent _ -> close();
            default -> {}
        }
    }

    private Node target(AliasEvent event) {
        var anchor = event.getAlias();
        if (openAnchors.contains(anchor)) {
            throw new Refused(
                    "yaml.recursive_alias",
                    mark(event),
                    "the alias *" + anchor.getValue() + " contains itself",
                    "write the value out");
        }
        var node = anchors.get(anchor);
        if (node == null) {
            throw new Refused(
                    "yaml.unknown_alias",
                    mark(event),
                    "there is no anchor &" + anchor.getValue() + " above",
                    "define it before it is used");
        }
        return node;
    }

    private void push(Open collection) {
        if (open.size() >= MAX_DEPTH) {
            throw new Refused(
                    "yaml.too_deep", collection.at, "nested deeper than " + MAX_DEPTH, "is this a pipeline file?");
        }
        collection.anchor.ifPresent(openAnchors::add);
        open.push(collection);
    }

    private void close() {
        var closed = open.pop();
        closed.anchor.ifPresent(openAnchors::remove);
        add(closed.node(problems), closed.anchor, closed.at);
    }

    private void add(Node node, Optional<Anchor> anchor, Mark at) {
        anchor.ifPresent(a -> anchors.put(a, node));
        nodes += node instanceof Scalar ? 1 : 0;
        if (node.size() > MAX_NODES || nodes > MAX_NODES) {
            throw new Refused(
                    "yaml.too_large",
                    at,
                    "more than " + MAX_NODES + " values, aliases counted as often as they are used",
                    "write less");
        }
        var parent = open.peek();
        if (parent == null) {
            root = node;
        } else {
            parent.add(node, at, problems);
        }
    }

    private static Scalar scalar(ScalarEvent event) {
        var style = switch (event.getScalarStyle()) {
            case ScalarStyle.PLAIN -> Style.PLAIN;
            case ScalarStyle.SINGLE_QUOTED -> Style.SINGLE_QUOTED;
            case ScalarStyle.DOUBLE_QUOTED -> Style.DOUBLE_QUOTED;
            default -> Style.BLOCK;
        };
        var text = event.getValue();
        boolean plain = style == Style.PLAIN && event.getTag().isEmpty();
        return new Scalar(mark(event), plain ? resolve(text) : text, text, text, style, false);
    }

    /** What a plain scalar means in YAML's core schema. */
    static @Nullable Object resolve(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> null;
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> number(text);
        };
    }

    private static Object number(String text) {
        if (INTEGER.matcher(text).matches()) {
            return narrow(new BigInteger(text));
        }
        if (OCTAL.matcher(text).matches()) {
            return narrow(new BigInteger(text.substring(2), 8));
        }
        if (HEX.matcher(text).matches()) {
            return narrow(new BigInteger(text.substring(2), 16));
        }
        if (FLOAT.matcher(text).matches()) {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? (Object) value : text;
        }
        return text;
    }

    private static Object narrow(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private static Mark mark(Event event) {
        return event.getStartMark().map(YamlReader::mark).orElse(Mark.NONE);
    }

    private static Mark mark(org.snakeyaml.engine.v2.exceptions.Mark mark) {
        return new Mark(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Mark markOf(String text, int index) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < index; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new Mark(line, text.codePointCount(start, index) + 1);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    /** A collection whose end has not been seen. */
    private static final class Open {
        private final Mark at;
        private final boolean mapping;
        private final Optional<Anchor> anchor;
        private final List<Node> items = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, Mark> keys = new HashMap<>();
        private @Nullable Scalar key;

        Open(Mark at, boolean mapping, Optional<Anchor> anchor) {
            this.at = at;
            this.mapping = mapping;
            this.anchor = anchor;
        }

        void add(Node node, Mark where, Problems problems) {
            if (!mapping) {
                items.add(node);
                return;
            }
            var name = key;
            if (name != null) {
                entries.add(new Entry(name, node));
                key = null;
                return;
            }
            if (!(node instanceof Scalar scalar)) {
                throw new Refused(
                        "yaml.syntax",
                        where,
                        "a key must be a word, found " + Node.describe(node),
                        "put quotes around a value that contains { or [");
            }
            if (scalar.text().equals("<<")) {
                throw new Refused(
                        "yaml.merge_key",
                        where,
                        "merge keys (<<) are no part of YAML 1.2",
                        "use an alias for the whole value, or write the keys out");
            }
            key = new Scalar(where, scalar.value(), scalar.text(), scalar.written(), scalar.style(), false);
            var first = keys.putIfAbsent(scalar.text(), where);
            if (first != null) {
                problems.error(
                        "yaml.duplicate_key",
                        where,
                        "\"" + scalar.text() + "\" is already given in line " + first.line(),
                        "keep one of them");
            }
        }

        Node node(Problems problems) {
            if (!mapping) {
                return Sequence.of(at, items);
            }
            var unique = new ArrayList<Entry>();
            var seen = new HashSet<String>();
            entries.forEach(e -> {
                if (seen.add(e.key().text())) {
                    unique.add(e);
                }
            });
            return Mapping.of(at, unique);
        }
    }

    /** Ends the reading. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String code;
        private final transient Mark at;
        private final String text;
        private final String remedy;

        Refused(String code, Mark at, String text, String remedy) {
            super(text, null, false, false);
            this.code = code;
            this.at = at;
            this.text = text;
            this.remedy = remedy;
        }
    }
}
