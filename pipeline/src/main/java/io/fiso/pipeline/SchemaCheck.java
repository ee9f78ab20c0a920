// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.transform.Expression;
import io.fiso.transform.ExpressionKind;
import io.fiso.transform.Spelling;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks a YAML tree against a JSON Schema, with a place and a remedy for every violation, and follows the keywords x-cel, x-secret,
 * x-path, x-address and x-json-schema. Knows the keywords of {@link #KEYWORDS}; a descriptor that uses others is refused when it is read.
 */
final class SchemaCheck {
    static final Set<String> KEYWORDS = Set.of(
            "$schema",
            "$id",
            "$ref",
            "$defs",
            "$comment",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "type",
            "enum",
            "const",
            "pattern",
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minItems",
            "maxItems",
            "uniqueItems",
            "items",
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
            "maxProperties",
            "propertyNames",
            "oneOf",
            "anyOf",
            "allOf",
            "not",
            "x-cel",
            "x-secret",
            "x-path",
            "x-address",
            "x-json-schema");

    private static final Pattern LOOPBACK = Pattern.compile(
            "(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?(?:localhost|127(?:\\.[0-9]+){3}|\\[?::1]?)(?::[0-9]+)?(?:[/?#].*)?",
            Pattern.CASE_INSENSITIVE);

    private final JsonNode root;
    private final Problems problems;
    private final boolean loopbackIsRemote;
    private final Set<Scalar> secrets = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Scalar> paths = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Scalar> expressions = Collections.newSetFromMap(new IdentityHashMap<>());

    /** @param loopbackIsRemote whether loopback addresses would mean the component's own container */
    SchemaCheck(JsonNode root, Problems problems, boolean loopbackIsRemote) {
        this.root = root;
        this.problems = problems;
        this.loopbackIsRemote = loopbackIsRemote;
    }

    /** The scalars that x-secret covers. */
    Set<Scalar> secrets() {
        return secrets;
    }

    /** The scalars that name files or directories, by x-path. */
    Set<Scalar> paths() {
        return paths;
    }

    /** The scalars that are expressions, whatever YAML took them for. */
    Set<Scalar> expressions() {
        return expressions;
    }

    void check(Node node, JsonNode schema, String subject) {
        check(node, schema, subject, node.at());
    }

    /** @param blame where to point when something is missing in it */
    void check(Node node, JsonNode given, String subject, Mark blame) {
        if (node instanceof Scalar scalar && scalar.style() == Node.Style.UNRESOLVED) {
            return;
        }
        var schema = follow(given);
        if (!SchemaTypes.fit(node, schema)) {
            wrongType(node, schema, subject);
            return;
        }
        branches(node, schema, subject, blame);
        allowed(node, schema, subject);
        switch (node) {
            case Scalar scalar -> scalar(scalar, schema, subject);
            case Sequence sequence -> sequence(sequence, schema, subject);
            case Mapping mapping -> mapping(mapping, schema, subject, blame);
        }
        if (schema.path("x-secret").asBoolean(false)) {
            leaves(node).forEach(secrets::add);
        }
        if (schema.path("x-path").asBoolean(false)) {
            leaves(node).forEach(paths::add);
        }
        if (schema.path("x-address").asBoolean(false) && loopbackIsRemote) {
            leaves(node).forEach(this::address);
        }
        if (schema.path("x-json-schema").asBoolean(false)) {
            DataSchemas.review(node, problems);
        }
        expressions(node, schema.path("x-cel"));
    }

    private JsonNode follow(JsonNode schema) {
        var reference = schema.path("$ref");
        return reference.isString() ? follow(root.at(reference.asString().substring(1))) : schema;
    }

    // --- types

    private void wrongType(Node node, JsonNode schema, String subject) {
        var types = SchemaTypes.of(schema);
        var wanted = types.stream().map(SchemaTypes::named).collect(Collectors.joining(" or "));
        var remedy = "";
        if (node instanceof Scalar scalar && !scalar.isNull() && types.contains("array")) {
            remedy = "write it as a list: [" + (scalar.secret() ? "..." : scalar.written()) + "]";
        } else if (schema.has("pattern") && node instanceof Scalar scalar && !matches(schema, scalar.text())) {
            remedy = example(schema);
        } else if (node instanceof Scalar scalar && scalar.value() != null && types.contains("string")) {
            remedy = "put it in quotes: \"" + scalar.written() + "\"";
        } else if (node instanceof Scalar scalar && scalar.isNull()) {
            remedy = "give it a value, or leave the key out";
        } else if (node instanceof Scalar scalar
                && scalar.style() != Node.Style.PLAIN
                && SchemaTypes.isA(YamlReader.resolve(scalar.text()), types.getFirst())) {
            remedy = "remove the quotes";
        } else if (schema.path("examples").size() > 0) {
            remedy = "for example: " + schema.path("examples").get(0);
        } else if (types.contains("array") && node instanceof Mapping) {
            remedy = "begin each item with \"- \"";
        }
        problems.error(
                "config.wrong_type",
                node.at(),
                quote(subject) + " must be " + wanted + ", found " + Node.describe(node),
                remedy);
    }

    // --- combinations

    private void branches(Node node, JsonNode schema, String subject, Mark blame) {
        for (var part : schema.path("allOf")) {
            check(node, part, subject, blame);
        }
        if (schema.has("not") && fits(node, follow(schema.path("not")))) {
            forbidden(node, follow(schema.path("not")), subject, blame);
        }
        if (schema.has("oneOf")) {
            choose(node, schema.path("oneOf"), subject, blame, true);
        }
        if (schema.has("anyOf")) {
            choose(node, schema.path("anyOf"), subject, blame, false);
        }
    }

    private void choose(Node node, JsonNode branches, String subject, Mark blame, boolean onlyOne) {
        var fitting = new ArrayList<JsonNode>();
        var typed = new ArrayList<JsonNode>();
        for (var branch : branches) {
            var schema = follow(branch);
            if (SchemaTypes.fit(node, schema)) {
                typed.add(schema);
            }
            if (fits(node, schema)) {
                fitting.add(schema);
            }
        }
        if (fitting.size() == 1 || !onlyOne && !fitting.isEmpty()) {
            check(node, fitting.getFirst(), subject, blame);
            return;
        }
        var alternatives = requiredAlternatives(branches);
        if (!alternatives.isEmpty() && node instanceof Mapping mapping) {
            var given = alternatives.stream().filter(mapping::has).toList();
            if (given.size() > 1) {
                problems.error(
                        "config.conflict",
                        keyMark(mapping, given.get(1)),
                        join(given, " and ") + " exclude each other",
                        "keep one of them");
            } else if (given.isEmpty()) {
                problems.error(
                        "config.missing_key",
                        blame,
                        quote(subject) + " needs " + join(alternatives, " or "),
                        "add one of them");
            }
            return;
        }
        if (typed.size() == 1) {
            check(node, typed.getFirst(), subject, blame);
        } else if (typed.isEmpty()) {
            var wanted = new ArrayList<String>();
            branches.forEach(b -> wanted.addAll(SchemaTypes.of(follow(b))));
            problems.error(
                    "config.wrong_type",
                    node.at(),
                    quote(subject) + " must be "
                            + wanted.stream().distinct().map(SchemaTypes::named).collect(Collectors.joining(" or "))
                            + ", found " + Node.describe(node),
                    "");
        } else {
            problems.error(
                    "config.bad_value",
                    node.at(),
                    quote(subject) + " fits none of its forms",
                    "see the component's description");
        }
    }

    /** Of what must not be, the title says what is wrong, and the description what to do; what excludes each other is said without. */
    private void forbidden(Node node, JsonNode schema, String subject, Mark blame) {
        var together = new ArrayList<String>();
        schema.path("required").forEach(key -> together.add(key.asString()));
        var at = node instanceof Mapping mapping && !together.isEmpty() ? keyMark(mapping, together.getLast()) : blame;
        var message = together.size() > 1
                ? join(together, " and ") + " exclude each other"
                : quote(subject) + " must not be like this";
        problems.error(
                "config.conflict",
                at,
                schema.path("title").asString(message),
                schema.path("description").asString("keep one of them"));
    }

    private boolean fits(Node node, JsonNode schema) {
        var trial = new Problems("", "");
        new SchemaCheck(root, trial, false).check(node, schema, "");
        return !trial.hasErrors();
    }

    /** The keys of {@code [{required: [a]}, {required: [b]}]}. */
    private static List<String> requiredAlternatives(JsonNode branches) {
        var keys = new ArrayList<String>();
        for (var branch : branches) {
            if (branch.path("required").size() != 1 || branch.size() != 1) {
                return List.of();
            }
            keys.add(branch.path("required").get(0).asString());
        }
        return keys;
    }

    // --- values

    private void allowed(Node node, JsonNode schema, String subject) {
        var allowed = new ArrayList<String>();
        schema.path("enum").forEach(v -> allowed.add(v.asString()));
        if (schema.has("const")) {
            allowed.add(schema.path("const").asString());
        }
        if (!allowed.isEmpty() && !(node instanceof Scalar scalar && allowed.contains(scalar.canonical()))) {
            problems.error(
                    "config.bad_value",
                    node.at(),
                    quote(subject) + " must be " + (allowed.size() > 1 ? "one of " : "") + String.join(", ", allowed)
                            + "; found " + Node.describe(node),
                    node instanceof Scalar scalar ? didYouMean(scalar.written(), allowed) : "");
        }
    }

    private void scalar(Scalar scalar, JsonNode schema, String subject) {
        if (scalar.value() instanceof String) {
            string(scalar, schema, subject);
        }
        if (number(scalar) instanceof BigDecimal number) {
            range(scalar, number, schema, subject);
        }
    }

    private void string(Scalar scalar, JsonNode schema, String subject) {
        var text = scalar.text();
        int length = text.codePointCount(0, text.length());
        if (length < schema.path("minLength").asInt(0)) {
            problems.error(
                    "config.bad_value",
                    scalar.at(),
                    quote(subject) + " must not be "
                            + (length == 0
                                    ? "empty"
                                    : "shorter than " + schema.path("minLength").asInt()),
                    example(schema));
        } else if (schema.has("maxLength") && length > schema.path("maxLength").asInt()) {
            problems.error(
                    "config.bad_value",
                    scalar.at(),
                    quote(subject) + " must not be longer than "
                            + schema.path("maxLength").asInt() + ", is " + length,
                    "");
        } else if (schema.has("pattern")
                && !Pattern.compile(schema.path("pattern").asString())
                        .matcher(text)
                        .find()) {
            problems.error(
                    "config.bad_format",
                    scalar.at(),
                    quote(subject) + " cannot be " + Node.describe(scalar),
                    example(schema));
        }
    }

    private static boolean matches(JsonNode schema, String text) {
        return Pattern.compile(schema.path("pattern").asString()).matcher(text).find();
    }

    private static String example(JsonNode schema) {
        var example =
                schema.path("examples").size() > 0 ? schema.path("examples").get(0) : schema.path("default");
        if (!example.isMissingNode()) {
            return "write it like " + (example.isString() ? example.asString() : example.toString());
        }
        return schema.path("description").asString("");
    }

    private static @Nullable BigDecimal number(Scalar scalar) {
        var value = scalar.value() instanceof String && scalar.substituted()
                ? YamlReader.resolve(scalar.text())
                : scalar.value();
        return switch (value) {
            case Long n -> BigDecimal.valueOf(n);
            case BigInteger n -> new BigDecimal(n);
            case Double n -> BigDecimal.valueOf(n);
            case null, default -> null;
        };
    }

    private void range(Scalar scalar, BigDecimal number, JsonNode schema, String subject) {
        var bound = "";
        if (schema.has("minimum") && number.compareTo(schema.path("minimum").asDecimal()) < 0) {
            bound = "at least " + schema.path("minimum");
        } else if (schema.has("exclusiveMinimum")
                && number.compareTo(schema.path("exclusiveMinimum").asDecimal()) <= 0) {
            bound = "more than " + schema.path("exclusiveMinimum");
        } else if (schema.has("maximum")
                && number.compareTo(schema.path("maximum").asDecimal()) > 0) {
            bound = "at most " + schema.path("maximum");
        } else if (schema.has("exclusiveMaximum")
                && number.compareTo(schema.path("exclusiveMaximum").asDecimal()) >= 0) {
            bound = "less than " + schema.path("exclusiveMaximum");
        } else if (schema.has("multipleOf")
                && number.remainder(schema.path("multipleOf").asDecimal()).signum() != 0) {
            bound = "a multiple of " + schema.path("multipleOf");
        }
        if (!bound.isEmpty()) {
            problems.error(
                    "config.out_of_range",
                    scalar.at(),
                    quote(subject) + " must be " + bound + ", found " + Node.describe(scalar),
                    "");
        }
    }

    // --- collections

    private void sequence(Sequence sequence, JsonNode schema, String subject) {
        int count = sequence.items().size();
        if (count < schema.path("minItems").asInt(0)) {
            problems.error(
                    "config.bad_value",
                    sequence.at(),
                    quote(subject) + " needs at least " + schema.path("minItems")
                            + (schema.path("minItems").asInt() == 1 ? " item" : " items"),
                    example(schema));
        }
        if (schema.has("maxItems") && count > schema.path("maxItems").asInt()) {
            problems.error(
                    "config.bad_value",
                    sequence.at(),
                    quote(subject) + " may have at most " + schema.path("maxItems") + " items, has " + count,
                    "");
        }
        if (schema.path("uniqueItems").asBoolean(false)) {
            var seen = new HashSet<String>();
            for (var item : sequence.items()) {
                if (item instanceof Scalar scalar && !seen.add(scalar.text())) {
                    problems.error(
                            "config.bad_value",
                            item.at(),
                            quote(subject) + " has " + Node.describe(item) + " twice",
                            "keep one of them");
                }
            }
        }
        if (schema.has("items")) {
            for (var item : sequence.items()) {
                check(item, schema.path("items"), nameOf(item, subject));
            }
        }
    }

    /** Components go by their ids. */
    private static String nameOf(Node item, String list) {
        return item instanceof Mapping mapping && mapping.get("id") instanceof Scalar id && id.value() instanceof String
                ? id.written()
                : "an item of " + list;
    }

    private void mapping(Mapping mapping, JsonNode schema, String subject, Mark blame) {
        var known = schema.path("properties");
        for (var required : schema.path("required")) {
            if (!mapping.has(required.asString())) {
                missing(required.asString(), known.path(required.asString()), subject, blame);
            }
        }
        if (mapping.entries().size() < schema.path("minProperties").asInt(0)) {
            problems.error("config.bad_value", blame, quote(subject) + " must not be empty", example(schema));
        }
        if (schema.has("maxProperties")
                && mapping.entries().size() > schema.path("maxProperties").asInt()) {
            problems.error(
                    "config.bad_value",
                    blame,
                    quote(subject) + " may have at most " + schema.path("maxProperties") + " keys",
                    "");
        }
        for (var entry : mapping.entries()) {
            member(entry, mapping, schema, subject);
        }
    }

    private void member(Entry entry, Mapping mapping, JsonNode schema, String subject) {
        var name = entry.key().text();
        if (schema.has("propertyNames")) {
            check(Node.text(entry.key().at(), name), schema.path("propertyNames"), "a key of " + subject);
        }
        var own = schema.path("properties").path(name);
        if (!own.isMissingNode()) {
            var blame = entry.value() instanceof Mapping
                    ? entry.key().at()
                    : entry.value().at();
            check(entry.value(), own, name, blame);
            return;
        }
        var others = schema.path("additionalProperties");
        if (others.isBoolean() && !others.asBoolean()) {
            unknown(entry, mapping, schema, subject);
        } else if (others.isObject()) {
            check(entry.value(), others, name);
        }
    }

    private void missing(String key, JsonNode schema, String subject, Mark blame) {
        var like = schema.has("examples")
                ? schema.path("examples")
                : follow(schema).path("examples");
        var remedy = like.size() > 0 ? "add it, for example: " + key + ": " + plain(like.get(0)) : "add it";
        problems.error("config.missing_key", blame, quote(subject) + " needs \"" + key + "\"", remedy);
    }

    private static String plain(JsonNode value) {
        return value.isString() ? value.asString() : value.toString();
    }

    private void unknown(Entry entry, Mapping mapping, JsonNode schema, String subject) {
        var known = schema.path("properties").propertyNames().stream()
                .filter(k -> !mapping.has(k))
                .toList();
        var hint = didYouMean(entry.key().text(), known);
        if (hint.isEmpty()) {
            hint = schema.path("properties").isEmpty()
                    ? "it has no keys; remove this one"
                    : "it knows " + String.join(", ", schema.path("properties").propertyNames());
        }
        problems.error(
                "config.unknown_key",
                entry.key().at(),
                quote(subject) + " has no key \"" + entry.key().text() + "\"",
                hint);
    }

    static String didYouMean(String word, java.util.Collection<String> known) {
        return Spelling.closest(word, known)
                .map(s -> "did you mean \"" + s + "\"?")
                .orElse("");
    }

    // --- our own keywords

    private static List<Scalar> leaves(Node node) {
        return switch (node) {
            case Scalar scalar -> List.of(scalar);
            case Sequence sequence ->
                sequence.items().stream().flatMap(i -> leaves(i).stream()).toList();
            case Mapping mapping ->
                mapping.entries().stream()
                        .flatMap(e -> leaves(e.value()).stream())
                        .toList();
        };
    }

    private void address(Scalar scalar) {
        for (var address : scalar.text().split(",")) {
            if (LOOPBACK.matcher(address.strip().toLowerCase(Locale.ROOT)).matches()) {
                problems.error(
                        "pipeline.loopback_address",
                        scalar.at(),
                        Node.describe(scalar) + " would be the component's own container under this driver",
                        "name the host as the container sees it, in an overlay: drivers: {<driver>: {config: ...}}");
                return;
            }
        }
    }

    private void expressions(Node node, JsonNode keyword) {
        switch (keyword.asString("")) {
            case "fields" -> members(node, _ -> ExpressionKind.VALUE);
            case "attributes" -> members(node, ExpressionKind::ofAttribute);
            case "condition" -> expression(node, ExpressionKind.CONDITION);
            case "list" -> expression(node, ExpressionKind.LIST);
            default -> {
                if (keyword.asBoolean(false)) {
                    expression(node, ExpressionKind.VALUE);
                }
            }
        }
    }

    private void members(Node node, Function<String, ExpressionKind> kind) {
        if (node instanceof Mapping mapping) {
            mapping.entries()
                    .forEach(entry ->
                            expression(entry.value(), kind.apply(entry.key().text())));
        }
    }

    private void expression(Node node, ExpressionKind kind) {
        if (!(node instanceof Scalar scalar) || scalar.isNull() || scalar.style() == Node.Style.UNRESOLVED) {
            return;
        }
        expressions.add(scalar);
        for (var problem : Expression.check(scalar.text(), kind)) {
            problems.error(
                    problem.code(),
                    problems.inside(scalar, problem.line(), problem.column()),
                    problem.message(),
                    problem.suggestion().map(s -> "did you mean " + s + "?").orElse(""));
        }
    }

    private static Mark keyMark(Mapping mapping, String key) {
        var entry = mapping.entry(key);
        return entry == null ? mapping.at() : entry.key().at();
    }

    private static String join(List<String> keys, String word) {
        return keys.stream().map(SchemaCheck::quote).collect(Collectors.joining(word));
    }

    private static String quote(String subject) {
        return subject.startsWith("an item of ") || subject.startsWith("a key of ") ? subject : "\"" + subject + "\"";
    }
}
