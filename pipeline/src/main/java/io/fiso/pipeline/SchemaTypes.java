// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The types of JSON Schema, and which of them a node of YAML is of. */
final class SchemaTypes {
    private SchemaTypes() {}

    /** The types that a schema allows; empty if it allows any. */
    static List<String> of(JsonNode schema) {
        var type = schema.path("type");
        if (type.isString()) {
            return List.of(type.asString());
        }
        var types = new ArrayList<String>();
        type.forEach(t -> types.add(t.asString()));
        return types;
    }

    /** Whether it allows the type of this. */
    static boolean fit(Node node, JsonNode schema) {
        var types = of(schema);
        return types.isEmpty() || types.stream().anyMatch(t -> isA(node, t));
    }

    private static boolean isA(Node node, String type) {
        return switch (node) {
            case Mapping _ -> type.equals("object");
            case Sequence _ -> type.equals("array");
            case Scalar scalar ->
                isA(scalar.value(), type) || scalar.substituted() && isA(YamlReader.resolve(scalar.text()), type);
        };
    }

    static boolean isA(@Nullable Object value, String type) {
        return switch (type) {
            case "null" -> value == null;
            case "boolean" -> value instanceof Boolean;
            case "string" -> value instanceof String;
            case "integer" ->
                value instanceof Long || value instanceof BigInteger || value instanceof Double d && d == Math.rint(d);
            case "number" -> value instanceof Number;
            default -> false;
        };
    }

    /** For people. */
    static String named(String type) {
        return switch (type) {
            case "object" -> "a mapping";
            case "array" -> "a list";
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "null" -> "nothing";
            default -> type;
        };
    }
}
