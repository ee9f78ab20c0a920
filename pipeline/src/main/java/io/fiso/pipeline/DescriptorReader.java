// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Descriptor.Capabilities;
import io.fiso.pipeline.Descriptor.Start;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one component.yaml. */
final class DescriptorReader {
    private final Path file;
    private final Problems problems;

    private DescriptorReader(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The descriptor, or what is wrong with it. */
    record Reading(Optional<Descriptor> descriptor, List<Problem> problems) {}

    static Reading read(Path file) {
        SourceText source;
        try {
            source = SourceText.read(file);
        } catch (IOException e) {
            var unreadable = new Problems(file.toString(), "");
            unreadable.error(
                    "component.unreadable",
                    Node.Mark.NONE,
                    "this descriptor cannot be read: " + e.getMessage(),
                    "check the file's permissions");
            return new Reading(Optional.empty(), unreadable.sorted());
        }
        var problems = new Problems(source.file(), source.text());
        var descriptor = new DescriptorReader(file, problems).parse(source);
        return new Reading(problems.hasErrors() ? Optional.empty() : descriptor, problems.sorted());
    }

    private Optional<Descriptor> parse(SourceText source) {
        var root = YamlReader.read(source, problems);
        if (root.isEmpty()) {
            return Optional.empty();
        }
        new SchemaCheck(Schemas.component(), problems, false).check(root.get(), Schemas.component(), "a descriptor");
        if (problems.hasErrors()
                || !(root.get() instanceof Mapping document)
                || !(document.get("configSchema") instanceof Mapping schema)) {
            return Optional.empty();
        }
        supported(schema);
        return Optional.of(new Descriptor(
                text(document, "name"),
                ResolvedComponent.Kind.valueOf(text(document, "kind").toUpperCase(Locale.ROOT)),
                text(document, "description"),
                text(document, "version"),
                texts(document.get("events") instanceof Mapping events ? events.get("in") : null),
                texts(document.get("events") instanceof Mapping events ? events.get("out") : null),
                texts(document.get("aliases")),
                capabilities(document.get("capabilities")),
                start(document.get("start")),
                Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath()),
                json(schema)));
    }

    private static JsonNode json(Mapping schema) {
        return new JsonView(Set.of(), Set.of(), Map.of(), false).of(schema);
    }

    /** Only what is understood may be asked for: a keyword without effect would be a promise broken. */
    private void supported(Node node) {
        if (!(node instanceof Mapping schema)) {
            return;
        }
        for (var entry : schema.entries()) {
            var keyword = entry.key().text();
            if (!SchemaCheck.KEYWORDS.contains(keyword)) {
                problems.error(
                        "component.unsupported_keyword",
                        entry.key().at(),
                        "the schema keyword \"" + keyword + "\" is not supported",
                        SchemaCheck.didYouMean(keyword, SchemaCheck.KEYWORDS));
            }
            switch (keyword) {
                case "properties", "$defs" -> {
                    if (entry.value() instanceof Mapping members) {
                        members.entries().forEach(m -> supported(m.value()));
                    }
                }
                case "items", "additionalProperties", "propertyNames", "not" -> supported(entry.value());
                case "oneOf", "anyOf", "allOf" -> {
                    if (entry.value() instanceof Sequence branches) {
                        branches.items().forEach(this::supported);
                    }
                }
                case "pattern" -> compiles(entry.value());
                case "$ref" -> {
                    if (entry.value() instanceof Scalar reference
                            && !reference.text().startsWith("#/")) {
                        problems.error(
                                "component.unsupported_keyword",
                                reference.at(),
                                "only references into the same schema are supported",
                                "write #/$defs/<name>");
                    }
                }
                default -> {}
            }
        }
    }

    private void compiles(Node node) {
        if (node instanceof Scalar pattern) {
            try {
                Pattern.compile(pattern.text());
            } catch (PatternSyntaxException e) {
                problems.error(
                        "component.bad_pattern",
                        pattern.at(),
                        "this is no regular expression: " + e.getDescription(),
                        "");
            }
        }
    }

    private static Capabilities capabilities(@Nullable Node node) {
        var declared = node instanceof Mapping mapping ? mapping : Mapping.of(Node.Mark.NONE, List.of());
        return new Capabilities(
                flag(declared, "rawRecords"),
                flag(declared, "bounded"),
                flag(declared, "checkpoint"),
                flag(declared, "replicas"));
    }

    private static boolean flag(Mapping mapping, String key) {
        return mapping.get(key) instanceof Scalar scalar && Boolean.TRUE.equals(scalar.value());
    }

    private static Start start(@Nullable Node node) {
        if (node instanceof Mapping start && start.get("command") instanceof Sequence argv) {
            return new Start.Command(texts(argv));
        }
        return new Start.Java(
                node instanceof Mapping start && start.get("java") instanceof Mapping java
                        ? texts(java.get("jvmArgs"))
                        : List.of());
    }

    private static String text(Mapping mapping, String key) {
        return mapping.get(key) instanceof Scalar scalar ? scalar.text() : "";
    }

    private static List<String> texts(@Nullable Node node) {
        return node instanceof Sequence sequence
                ? sequence.items().stream()
                        .filter(Scalar.class::isInstance)
                        .map(s -> ((Scalar) s).text())
                        .toList()
                : List.of();
    }
}
