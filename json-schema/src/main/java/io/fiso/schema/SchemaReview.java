// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import com.networknt.schema.Error;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.format.Format;
import com.networknt.schema.format.Formats;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/** Looks a schema over before anything runs with it: a mistake in a schema otherwise shows with the first event, or never. */
final class SchemaReview {
    private static final List<String> TYPES =
            List.of("array", "boolean", "integer", "null", "number", "object", "string");

    private final JsonNode root;
    private final Dialect dialect;
    private final List<SchemaProblem> problems = new ArrayList<>();

    private SchemaReview(JsonNode root, Dialect dialect) {
        this.root = root;
        this.dialect = dialect;
    }

    static List<SchemaProblem> of(JsonNode root) {
        if (!root.isObject()) {
            return List.of(SchemaProblem.error(
                    "schema.no_object", List.of(), "a schema is an object, found " + Found.value(root), ""));
        }
        Optional<Dialect> dialect = Dialect.of(root);
        if (dialect.isEmpty()) {
            return List.of(unknownDialect(List.of("$schema"), root.path("$schema")));
        }
        return new SchemaReview(root, dialect.get()).review();
    }

    private static SchemaProblem unknownDialect(List<String> path, JsonNode named) {
        return SchemaProblem.error(
                        "schema.unknown_dialect",
                        path,
                        "\"$schema\" names no draft that is known here: " + Found.value(named),
                        "leave it out for 2020-12, or write one of " + String.join(", ", Dialect.names()))
                .slip(named.asString(""), Dialect.names());
    }

    private List<SchemaProblem> review() {
        keywords();
        SchemaParts parts = SchemaParts.of(root, dialect);
        parts.dialects().forEach(part -> {
            if (Dialect.of(part.schema()).isEmpty()) {
                problems.add(unknownDialect(part.path("$schema"), part.schema().path("$schema")));
            }
        });
        parts.all().forEach(this::part);
        problems.addAll(new SchemaReferences(parts).problems());
        if (problems.stream().allMatch(SchemaProblem::warning)) {
            compile();
        }
        return problems;
    }

    /** What nothing above has found. */
    private void compile() {
        try {
            DataSchema.compile(root.toString());
        } catch (IllegalArgumentException e) {
            problems.add(SchemaProblem.error("schema.invalid", List.of(), String.valueOf(e.getMessage()), ""));
        }
    }

    // ---- keywords and their values, by the schema of schemas

    private void keywords() {
        Map<List<String>, Error> first = new LinkedHashMap<>();
        for (Error error : dialect.metaschema().validate(root)) {
            List<String> path = path(error.getInstanceLocation());
            if (!isOtherForm(path, error)) {
                first.putIfAbsent(path, error);
            }
        }
        first.forEach((path, error) -> problems.add(badKeyword(path, error)));
    }

    /** A type is a name or a list of them; of a list it is not worth saying that it is no name. */
    private static boolean isOtherForm(List<String> path, Error error) {
        return !path.isEmpty()
                && path.getLast().equals("type")
                && "enum".equals(error.getKeyword())
                && error.getInstanceNode().isArray();
    }

    private static boolean isTypeName(List<String> path) {
        int size = path.size();
        return size > 0 && path.getLast().equals("type")
                || size > 1 && path.get(size - 2).equals("type");
    }

    private static List<String> path(NodePath location) {
        List<String> path = new ArrayList<>();
        for (int i = 0; i < location.getNameCount(); i++) {
            path.add(String.valueOf(location.getElement(i)));
        }
        return path;
    }

    private SchemaProblem badKeyword(List<String> path, Error error) {
        JsonNode value = error.getInstanceNode();
        String key = path.isEmpty() ? "" : path.getLast();
        if (isTypeName(path) && "enum".equals(error.getKeyword())) {
            return SchemaProblem.error(
                            "schema.bad_keyword",
                            path,
                            "\"type\" must be one of " + String.join(", ", TYPES) + ", or a list of them, found "
                                    + Found.value(value),
                            value.isNull() ? "put it in quotes: \"null\"" : "")
                    .slip(value.asString(""), TYPES);
        }
        String rule = "type".equals(error.getKeyword())
                ? "must be " + wanted(error.getSchemaNode()) + ", found " + Found.value(value)
                : Found.shortened(error.getMessage(), 200);
        String subject = key.matches("[0-9]+") && path.size() > 1
                ? "an item of \"" + path.get(path.size() - 2) + "\""
                : "\"" + key + "\"";
        return SchemaProblem.error("schema.bad_keyword", path, subject + " " + rule, remedy(key, value));
    }

    private static String wanted(JsonNode types) {
        return types.isArray()
                ? types.valueStream()
                        .map(SchemaReview::named)
                        .reduce((a, b) -> a + " or " + b)
                        .orElse("")
                : named(types);
    }

    private static String named(JsonNode type) {
        return switch (type.asString("")) {
            case "object" -> "an object";
            case "array" -> "a list";
            case "boolean" -> "true or false";
            case "integer" -> "an integer";
            case "string" -> "a text";
            default -> "a " + type.asString("");
        };
    }

    private String remedy(String key, JsonNode value) {
        if (key.equals("required") && value.isBoolean()) {
            return "list the names of the members beside \"properties\": required: [...]";
        }
        if (key.equals("items") && value.isArray() && !dialect.isBefore(SpecificationVersion.DRAFT_2020_12)) {
            return "a list of schemas, one for each place, is \"prefixItems\" since draft 2020-12";
        }
        if ((key.equals("exclusiveMinimum") || key.equals("exclusiveMaximum")) && value.isBoolean()) {
            return "it is the bound itself since draft 6; $schema can name draft 4";
        }
        return "";
    }

    // ---- what the schema of schemas does not say

    private void part(SchemaParts.Part part) {
        JsonNode schema = part.schema();
        pattern(part, "pattern", schema.path("pattern").asString(""), part.path("pattern"));
        if (schema.path("patternProperties").isObject()) {
            schema.path("patternProperties")
                    .propertyNames()
                    .forEach(name ->
                            pattern(part, "a key of patternProperties", name, part.path("patternProperties", name)));
        }
        var format = schema.path("format");
        if (format.isString() && Formats.DEFAULT.stream().map(Format::getName).noneMatch(format.asString()::equals)) {
            problems.add(SchemaProblem.warning(
                            "schema.unknown_format",
                            part.path("format"),
                            "there is no format " + Found.value(format) + "; it checks nothing",
                            "leave it out, or write a pattern")
                    .slip(
                            format.asString(),
                            Formats.DEFAULT.stream().map(Format::getName).toList()));
        }
        var known = new TreeSet<>(dialect.keywords());
        for (String key : schema.propertyNames()) {
            if (!known.contains(key) && !key.startsWith("x-")) {
                problems.add(SchemaProblem.warning(
                                "schema.unknown_keyword",
                                part.path(key),
                                "\"" + Found.shortened(key, 60) + "\" is no keyword of this draft; it checks nothing",
                                "leave it out, or begin it with x- if it is a note")
                        .slip(key, known));
            }
        }
    }

    private void pattern(SchemaParts.Part part, String subject, String expression, List<String> path) {
        try {
            new BoundedPattern(expression);
        } catch (PatternSyntaxException e) {
            problems.add(SchemaProblem.error(
                    "schema.bad_pattern",
                    path,
                    subject + " is no regular expression: " + e.getDescription()
                            + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1)) + " of "
                            + Found.shortened(expression, 80),
                    ""));
        }
    }
}
