// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.schema.DataSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What {@code validate} says of a component: the JSON Schema that the data of its events must satisfy. */
public final class DataSchemas {
    private static final String GROUP = "validate";
    private static final String INLINE = "jsonSchema";
    private static final String FILE = "jsonSchemaFile";

    private final Path directory;
    private final References references;
    private final Problems problems;

    DataSchemas(Path directory, References references, Problems problems) {
        this.directory = directory;
        this.references = references;
        this.problems = problems;
    }

    /** The schema that a component of a compiled pipeline holds against events; empty if it takes any. */
    public static Optional<DataSchema> of(ResolvedComponent component) {
        var schema =
                JsonView.MAPPER.readTree(component.runtimeConfig()).path(GROUP).path(INLINE);
        return schema.isObject() ? Optional.of(DataSchema.compile(schema.toString())) : Optional.empty();
    }

    /** The component's schema, which is looked over on the way; empty if it has none, or one that cannot be read. */
    Optional<Node> check(Mapping component) {
        if (!(component.get(GROUP) instanceof Mapping given)) {
            return Optional.empty();
        }
        if (given.get(INLINE) instanceof Mapping schema) {
            review(schema, problems);
            return Optional.of(schema);
        }
        return given.get(FILE) instanceof Scalar file && file.value() instanceof String
                ? fromFile(file)
                : Optional.empty();
    }

    private Optional<Node> fromFile(Scalar name) {
        String text;
        try {
            text = references.read(name.text());
        } catch (IOException | InvalidPathException e) {
            problems.error(
                    "schema.unreadable_file",
                    name.at(),
                    "the schema's file " + Node.describe(name) + " cannot be read ("
                            + e.getClass().getSimpleName() + ")",
                    "check that it exists beside the pipeline file, and that you may read it");
            return Optional.empty();
        }
        if (text.isBlank()) {
            problems.error(
                    "schema.no_object",
                    name.at(),
                    "the schema's file " + Node.describe(name) + " is empty",
                    "{} is the schema that everything satisfies");
            return Optional.empty();
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > SourceText.MAX_BYTES) {
            problems.error(
                    "schema.too_large",
                    name.at(),
                    "the schema's file " + Node.describe(name) + " is larger than 1 MiB",
                    "split what it describes, and check less of it");
            return Optional.empty();
        }
        // JSON is YAML but for tabs, which are white space in JSON wherever they may stand.
        var source = new SourceText(beside(name.text()), text.replace('\t', ' '), directory);
        var found = new Problems(source.file(), source.text());
        var schema = YamlReader.read(source, found);
        schema.ifPresent(node -> review(node, found));
        problems.addAll(found);
        return schema;
    }

    /** As the pipeline file itself is named in messages: from where the user is. */
    private String beside(String file) {
        var parent = Path.of(problems.file()).getParent();
        return parent == null ? file : parent.resolve(file).toString();
    }

    /** Looks a schema over, and says what is wrong with it at the very keys. */
    static void review(Node schema, Problems into) {
        for (var problem : DataSchema.problems(json(schema, false).toString())) {
            var at = place(schema, problem.path());
            var hint = problem.word().isEmpty() ? "" : SchemaCheck.didYouMean(problem.word(), problem.known());
            var remedy = hint.isEmpty() ? problem.remedy() : hint;
            if (problem.warning()) {
                into.warning(problem.code(), at, problem.message(), remedy);
            } else {
                into.error(problem.code(), at, problem.message(), remedy);
            }
        }
    }

    /** Where the last of these keys or items stands. */
    private static Mark place(Node schema, List<String> path) {
        @Nullable Node node = schema;
        var at = schema.at();
        for (var step : path) {
            switch (node) {
                case Mapping mapping
                when mapping.entry(step) instanceof Node.Entry entry -> {
                    at = entry.key().at();
                    node = entry.value();
                }
                case Sequence sequence
                when step.matches("[0-9]{1,6}")
                        && Integer.parseInt(step) < sequence.items().size() -> {
                    node = sequence.items().get(Integer.parseInt(step));
                    at = node.at();
                }
                case null, default -> {
                    return at;
                }
            }
        }
        return at;
    }

    /** The schema as JSON: as it is run, or as it may be shown. */
    static JsonNode json(Node schema, boolean shown) {
        return new JsonView(Set.of(), Set.of(), Map.of(), shown).of(schema);
    }
}
