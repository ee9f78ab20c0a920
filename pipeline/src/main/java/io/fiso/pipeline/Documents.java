// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The kinds of document, brought to one shape: that of kind Pipeline. */
final class Documents {
    private static final List<String> KINDS = List.of("Pipeline", "FlowDefinition");

    private final Problems problems;

    Documents(Problems problems) {
        this.problems = problems;
    }

    /** Which part of the published schema a document is checked against. */
    enum Shape {
        PIPELINE("#/$defs/pipeline"),
        FLOW("#/$defs/flow"),
        BARE_FLOW("#/$defs/bareFlow");

        final String reference;

        Shape(String reference) {
            this.reference = reference;
        }
    }

    /** Tells the kind; empty if it is none of ours, and then there is a problem that says so. */
    Optional<Shape> shape(Mapping document) {
        var kind = document.get("kind");
        if (kind == null) {
            return withoutKind(document);
        }
        var name = kind instanceof Scalar scalar ? scalar.text() : "";
        switch (name) {
            case "Pipeline":
                return Optional.of(Shape.PIPELINE);
            case "FlowDefinition":
                return Optional.of(
                        document.has("spec") || document.has("metadata") || !document.has("name")
                                ? Shape.FLOW
                                : Shape.BARE_FLOW);
            case "LinkTarget":
                problems.error(
                        "pipeline.unknown_kind",
                        kind.at(),
                        "a LinkTarget configures the link proxy; it is no pipeline",
                        "run a file of kind Pipeline or FlowDefinition");
                return Optional.empty();
            case PipelineTestCompiler.KIND:
                problems.error(
                        "pipeline.unknown_kind",
                        kind.at(),
                        "a PipelineTest says what a pipeline should do; it is no pipeline",
                        "run it with fisoctl test");
                return Optional.empty();
            default:
                // By its sections the rest of the file is worth a look all the same, and the schema says what is wrong
                // with its kind.
                var shape = bySections(document);
                if (shape.isEmpty()) {
                    var hint = SchemaCheck.didYouMean(name, KINDS);
                    problems.error(
                            "pipeline.unknown_kind",
                            kind.at(),
                            "there is no kind " + Node.describe(kind),
                            hint.isEmpty() ? "use Pipeline or FlowDefinition" : hint);
                }
                return shape;
        }
    }

    private Optional<Shape> withoutKind(Mapping document) {
        var shape = bySections(document);
        if (shape.isEmpty()) {
            problems.error(
                    "pipeline.unknown_kind",
                    document.at(),
                    "this is no pipeline: it has neither kind nor source and sink",
                    "start with: apiVersion: fiso.io/v1alpha1, kind: Pipeline");
        }
        return shape;
    }

    private static Optional<Shape> bySections(Mapping document) {
        if (document.has("source") || document.has("sink") || document.has("transform")) {
            return Optional.of(Shape.BARE_FLOW);
        }
        if (document.get("spec") instanceof Mapping spec && (spec.has("source") || spec.has("sink"))) {
            return Optional.of(Shape.FLOW);
        }
        if (document.has("spec")) {
            return Optional.of(Shape.PIPELINE);
        }
        return Optional.empty();
    }

    /** Reports what deserves a better word than "unknown key", and takes it out. */
    Mapping prepare(Mapping document, Shape shape) {
        return switch (shape) {
            case PIPELINE ->
                change(document, "spec", spec -> {
                    var sources = change(spec, "sources", this::withoutInputs);
                    return change(
                            change(sources, "sources", list -> withoutDeduplication(list, "source")),
                            "processors",
                            list -> withoutDeduplication(list, "processor"));
                });
            case FLOW -> change(document, "spec", this::withoutCel);
            case BARE_FLOW -> (Mapping) withoutCel(document);
        };
    }

    private Node withoutInputs(Node sources) {
        return withoutKey(
                sources,
                "inputs",
                "pipeline.source_with_inputs",
                "a source has no inputs: events come from outside",
                "remove inputs, or move the component to processors");
    }

    private Node withoutDeduplication(Node components, String kind) {
        return withoutKey(
                components,
                "deduplicate",
                "pipeline.not_for_kind",
                "a " + kind + " does not deduplicate: only a sink knows what was delivered",
                "move deduplicate to the sinks that want it");
    }

    private Node withoutKey(Node components, String key, String code, String message, String remedy) {
        if (!(components instanceof Sequence list)) {
            return components;
        }
        var items = new ArrayList<Node>();
        for (var item : list.items()) {
            if (item instanceof Mapping component && component.entry(key) instanceof Entry entry) {
                problems.error(code, entry.key().at(), message, remedy);
                items.add(component.without(key));
            } else {
                items.add(item);
            }
        }
        return Sequence.of(list.at(), items);
    }

    private Node withoutCel(Node flow) {
        return change(flow, "transform", node -> {
            if (!(node instanceof Mapping transform) || !(transform.entry("cel") instanceof Entry cel)) {
                return node;
            }
            var fields = cel.value() instanceof Scalar scalar ? members(scalar.text()) : Map.<String, String>of();
            problems.error(
                    "pipeline.transform_cel",
                    cel.key().at(),
                    "\"transform.cel\" is replaced by \"transform.fields\": one expression per output field",
                    fields.isEmpty()
                            ? "write it as fields: {<name>: <expression>, ...}"
                            : "write:\n" + rewrite(fields));
            var rewritten = transform.without("cel");
            if (!rewritten.has("fields")) {
                var entries = new ArrayList<Entry>();
                (fields.isEmpty() ? Map.of("value", "data") : fields)
                        .forEach((name, _) -> entries.add(new Entry(
                                Node.text(cel.key().at(), name),
                                Node.text(cel.value().at(), "data"))));
                rewritten = rewritten.with("fields", Mapping.of(cel.value().at(), entries));
            }
            return rewritten;
        });
    }

    private static String rewrite(Map<String, String> fields) {
        var text = new StringBuilder("      transform:\n        fields:");
        fields.forEach((name, expression) ->
                text.append("\n          ").append(name).append(": ").append(quoted(expression)));
        return text.toString();
    }

    private static String quoted(String expression) {
        boolean plain = expression.matches("[A-Za-z_][^#:'\"{}\\[\\]]*");
        return plain ? expression : "'" + expression.replace("'", "''") + "'";
    }

    /** The members of a CEL map literal with constant keys; empty if it is anything else. */
    static Map<String, String> members(String cel) {
        var text = cel.strip();
        if (!text.startsWith("{") || !text.endsWith("}")) {
            return Map.of();
        }
        var members = new LinkedHashMap<String, String>();
        for (var part : split(text.substring(1, text.length() - 1), ',')) {
            var member = split(part, ':');
            if (member.size() < 2) {
                return Map.of();
            }
            var key = member.getFirst().strip();
            if (!key.matches("\"[^\"]*\"|'[^']*'")) {
                return Map.of();
            }
            members.put(
                    key.substring(1, key.length() - 1),
                    part.substring(member.getFirst().length() + 1).strip());
        }
        return members;
    }

    /** Splits at a separator outside of quotes and brackets. */
    private static List<String> split(String text, char separator) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int start = 0;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0) {
                depth--;
            } else if (c == separator && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    /** A flow as a pipeline of two or three components. Wrongly typed parts stay out; the schema has complained about them. */
    Mapping toPipeline(Mapping document, Shape shape) {
        if (shape == Shape.PIPELINE) {
            return document;
        }
        var at = document.at();
        var flow = shape == Shape.FLOW
                ? document.get("spec") instanceof Mapping spec ? spec : Mapping.of(at, List.of())
                : document;
        var spec = new ArrayList<Entry>();
        for (var shared : List.of("driver", "errorHandling", "limits")) {
            if (flow.entry(shared) instanceof Entry entry) {
                spec.add(entry);
            }
        }
        section(spec, "sources", component(flow, "source", null));
        var transform = transform(flow);
        section(spec, "processors", transform);
        section(spec, "sinks", component(flow, "sink", transform == null ? "source" : "transform"));
        var root = new ArrayList<Entry>();
        var metadata = shape == Shape.FLOW ? document.entry("metadata") : null;
        if (metadata != null) {
            root.add(metadata);
        } else if (document.entry("name") instanceof Entry name) {
            root.add(new Entry(Node.text(at, "metadata"), Mapping.of(at, List.of(name))));
        }
        root.add(new Entry(Node.text(at, "spec"), Mapping.of(at, spec)));
        return Mapping.of(at, root);
    }

    private static void section(List<Entry> spec, String name, @Nullable Mapping component) {
        if (component != null) {
            spec.add(new Entry(Node.text(component.at(), name), Sequence.of(component.at(), List.of(component))));
        }
    }

    private static @Nullable Mapping component(Mapping flow, String role, @Nullable String input) {
        if (!(flow.entry(role) instanceof Entry entry) || !(entry.value() instanceof Mapping given)) {
            return null;
        }
        var at = entry.key().at();
        var component = given.with("id", Node.text(at, role));
        return input == null ? component : component.with("inputs", inputs(at, input));
    }

    /** All that stands under it is the processor's config but {@code validate}, which any component has beside it. */
    private static @Nullable Mapping transform(Mapping flow) {
        if (!(flow.entry("transform") instanceof Entry entry) || !(entry.value() instanceof Mapping transform)) {
            return null;
        }
        var at = entry.key().at();
        var component = Mapping.of(
                at,
                List.of(
                        new Entry(Node.text(at, "id"), Node.text(at, "transform")),
                        new Entry(Node.text(at, "type"), Node.text(at, "cel-processor")),
                        new Entry(Node.text(at, "inputs"), inputs(at, "source")),
                        new Entry(Node.text(at, "config"), transform.without("validate"))));
        if (!(transform.entry("validate") instanceof Entry validate)) {
            return component;
        }
        var entries = new ArrayList<>(component.entries());
        entries.add(validate);
        return Mapping.of(at, entries);
    }

    private static Sequence inputs(Mark at, String from) {
        return Sequence.of(at, List.of(Node.text(at, from)));
    }

    private static Mapping change(Mapping mapping, String key, UnaryOperator<Node> change) {
        var entry = mapping.entry(key);
        return entry == null ? mapping : mapping.with(key, change.apply(entry.value()));
    }

    private static Node change(Node node, String key, UnaryOperator<Node> change) {
        return node instanceof Mapping mapping ? change(mapping, key, change) : node;
    }
}
