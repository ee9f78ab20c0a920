// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import com.networknt.schema.SpecificationVersion;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The schemas that a schema is made of, each with its place, its base address, and what it can be referred to by. */
final class SchemaParts {
    /** A schema without an id has this one. */
    static final URI NO_ID = URI.create("fiso:/schema");

    private static final Set<String> ONE = Set.of(
            "additionalItems",
            "additionalProperties",
            "contains",
            "contentSchema",
            "else",
            "if",
            "items",
            "not",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties");
    private static final Set<String> SEVERAL = Set.of("allOf", "anyOf", "items", "oneOf", "prefixItems");
    private static final Set<String> NAMED =
            Set.of("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties");
    /** These look at the same value as the schema they stand in. */
    private static final Set<String> OF_SAME_VALUE =
            Set.of("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies");

    /**
     * One of them.
     *
     * @param base the address that references in it start from
     * @param resource the schema that has that address
     * @param sameValue those in it that look at the same value
     */
    record Part(List<String> path, JsonNode schema, URI base, JsonNode resource, List<Part> sameValue) {
        /** Where a key of it stands. */
        List<String> path(String... keys) {
            List<String> longer = new ArrayList<>(path);
            longer.addAll(List.of(keys));
            return longer;
        }
    }

    private final Dialect dialect;
    private final List<Part> all = new ArrayList<>();
    private final Map<URI, JsonNode> resources = new HashMap<>();
    private final Map<String, JsonNode> anchors = new HashMap<>();

    private SchemaParts(Dialect dialect) {
        this.dialect = dialect;
    }

    static SchemaParts of(JsonNode root, Dialect dialect) {
        SchemaParts parts = new SchemaParts(dialect);
        parts.resources.put(NO_ID, root);
        parts.collect(List.of(), root, NO_ID, root);
        return parts;
    }

    /** Those that are objects; true and false have nothing to look at. */
    List<Part> all() {
        return all;
    }

    /** Those that name a draft of their own. */
    List<Part> dialects() {
        return all.stream()
                .filter(part -> !part.path().isEmpty() && part.schema().has("$schema"))
                .toList();
    }

    /** The schema with this address; null if there is none here. */
    @Nullable
    JsonNode resource(URI address) {
        return resources.get(address);
    }

    /** The schema with this anchor, below that address; null if there is none. */
    @Nullable
    JsonNode anchored(URI address, String anchor) {
        return anchors.get(address + "#" + anchor);
    }

    private @Nullable Part collect(List<String> path, JsonNode schema, URI outerBase, JsonNode outerResource) {
        if (!schema.isObject()) {
            return null;
        }
        URI base = outerBase;
        JsonNode resource = outerResource;
        String id = schema.path(dialect.is(SpecificationVersion.DRAFT_4) ? "id" : "$id")
                .asString("");
        if (id.startsWith("#")) {
            anchors.put(base + id, schema);
        } else if (!id.isEmpty()) {
            URI resolved = resolve(base, id);
            if (resolved != null) {
                base = resolved;
                resource = schema;
                resources.put(base, schema);
            }
        }
        for (String anchor : List.of("$anchor", "$dynamicAnchor")) {
            if (schema.path(anchor).isString()) {
                anchors.put(base + "#" + schema.path(anchor).asString(), schema);
            }
        }
        Part part = new Part(path, schema, base, resource, new ArrayList<>());
        all.add(part);
        for (var property : schema.properties()) {
            members(part, property.getKey(), property.getValue());
        }
        return part;
    }

    private void members(Part part, String keyword, JsonNode value) {
        if (ONE.contains(keyword) && value.isObject()) {
            member(part, keyword, part.path(keyword), value);
        } else if (SEVERAL.contains(keyword) && value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                member(part, keyword, part.path(keyword, Integer.toString(i)), value.get(i));
            }
        } else if (NAMED.contains(keyword) && value.isObject()) {
            value.properties()
                    .forEach(entry -> member(part, keyword, part.path(keyword, entry.getKey()), entry.getValue()));
        }
    }

    private void member(Part part, String keyword, List<String> path, JsonNode schema) {
        Part member = collect(path, schema, part.base(), part.resource());
        if (member != null && OF_SAME_VALUE.contains(keyword)) {
            part.sameValue().add(member);
        }
    }

    /** An address without its fragment; null if it is none. */
    static @Nullable URI resolve(URI base, String reference) {
        try {
            int fragment = reference.indexOf('#');
            String bare = fragment < 0 ? reference : reference.substring(0, fragment);
            return bare.isEmpty() ? base : base.resolve(bare);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
