// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** YAML nodes as JSON: as they are run, or as they may be shown. */
final class JsonView {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
    static final String MASK = "***";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Set<Scalar> secrets;
    private final Set<Scalar> expressions;
    private final Map<Scalar, Path> paths;
    private final boolean shown;

    /**
     * @param expressions scalars that become text even if YAML takes them for a number or a bool
     * @param paths scalars that are paths, with what they mean
     */
    JsonView(Set<Scalar> secrets, Set<Scalar> expressions, Map<Scalar, Path> paths, boolean shown) {
        this.secrets = secrets;
        this.expressions = expressions;
        this.paths = paths;
        this.shown = shown;
    }

    JsonNode of(Node node) {
        return switch (node) {
            case Scalar scalar -> scalar(scalar);
            case Sequence sequence -> {
                var array = JSON.arrayNode();
                sequence.items().forEach(i -> array.add(of(i)));
                yield array;
            }
            case Mapping mapping -> {
                var object = JSON.objectNode();
                mapping.entries().forEach(e -> object.set(e.key().text(), of(e.value())));
                yield object;
            }
        };
    }

    private JsonNode scalar(Scalar scalar) {
        if (shown && (scalar.secret() || secrets.contains(scalar))) {
            return JSON.stringNode(MASK);
        }
        if (shown && scalar.substituted()) {
            return JSON.stringNode(scalar.written());
        }
        Path path = paths.get(scalar);
        if (path != null) {
            return JSON.stringNode(path.toString());
        }
        if (expressions.contains(scalar)) {
            return JSON.stringNode(scalar.text());
        }
        return switch (scalar.value()) {
            case null -> JSON.nullNode();
            case Boolean value -> JSON.booleanNode(value);
            case Long value -> JSON.numberNode(value);
            case BigInteger value -> JSON.numberNode(value);
            case Double value -> JSON.numberNode(value);
            default -> JSON.stringNode(scalar.text());
        };
    }

    /** Fills in what the schema has defaults for, also inside objects that are there. */
    static void addDefaults(ObjectNode object, JsonNode schema) {
        for (var property : schema.path("properties").properties()) {
            var fallback = property.getValue().path("default");
            var present = object.get(property.getKey());
            if (present == null && !fallback.isMissingNode()) {
                object.set(property.getKey(), fallback);
            } else if (present instanceof ObjectNode inner) {
                addDefaults(inner, property.getValue());
            }
        }
    }
}
