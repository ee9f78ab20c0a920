// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import io.fiso.schema.SchemaParts.Part;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** Where the references of a schema lead: inside of it, outside, nowhere, or round in a circle. */
final class SchemaReferences {
    private static final List<String> KEYWORDS = List.of("$ref", "$dynamicRef");

    private final SchemaParts parts;
    private final List<SchemaProblem> problems = new ArrayList<>();
    private final Map<JsonNode, Part> places = new IdentityHashMap<>();
    private final Map<Part, Part> targets = new IdentityHashMap<>();

    SchemaReferences(SchemaParts parts) {
        this.parts = parts;
        parts.all().forEach(part -> places.put(part.schema(), part));
    }

    List<SchemaProblem> problems() {
        for (Part part : parts.all()) {
            for (String keyword : KEYWORDS) {
                JsonNode reference = part.schema().path(keyword);
                if (reference.isString()) {
                    follow(part, keyword, reference.asString());
                }
            }
        }
        circles();
        return problems;
    }

    private void follow(Part part, String keyword, String reference) {
        List<String> path = part.path(keyword);
        URI address = SchemaParts.resolve(part.base(), reference);
        JsonNode resource = address == null ? null : parts.resource(address);
        if (address == null) {
            problems.add(SchemaProblem.error(
                    "schema.bad_reference", path, "\"" + keyword + "\" is no address: " + shown(reference), ""));
        } else if (resource != null) {
            inside(part, keyword, reference, address, resource);
        } else if (!Dialect.isBuiltIn(address.toString())) {
            problems.add(SchemaProblem.error(
                    "schema.remote_reference",
                    path,
                    "\"" + keyword + "\" leads out of this schema, to " + shown(reference) + "; nothing is fetched",
                    "put that schema under \"$defs\", and refer to it as \"#/$defs/<name>\""));
        }
    }

    private void inside(Part part, String keyword, String reference, URI address, JsonNode resource) {
        int hash = reference.indexOf('#');
        String fragment = hash < 0 ? "" : decoded(reference.substring(hash + 1));
        JsonNode target = fragment.isEmpty()
                ? resource
                : fragment.startsWith("/")
                        ? resource.at(JsonPointer.compile(fragment))
                        : parts.anchored(address, fragment);
        if (target != null && (target.isObject() || target.isBoolean())) {
            Part place = places.get(target);
            if (place != null) {
                targets.put(part, place);
            }
            return;
        }
        boolean nothing = target == null || target.isMissingNode();
        problems.add(SchemaProblem.error(
                        "schema.unknown_reference",
                        part.path(keyword),
                        "\"" + keyword + "\" leads " + (nothing ? "nowhere" : "to no schema") + ": " + shown(reference),
                        nothing ? "define it under \"$defs\", and refer to it as \"#/$defs/<name>\"" : "")
                .slip(reference, neighbours(reference, fragment, resource)));
    }

    /** What there is instead, beside where the pointer leads. */
    private static List<String> neighbours(String reference, String fragment, JsonNode resource) {
        int last = fragment.lastIndexOf('/');
        if (last < 0) {
            return List.of();
        }
        String parent = fragment.substring(0, last);
        String before = reference.substring(0, reference.lastIndexOf('/') + 1);
        JsonNode there = resource.at(JsonPointer.compile(parent));
        return there.isObject()
                ? there.propertyNames().stream()
                        .map(name -> before + name.replace("~", "~0").replace("/", "~1"))
                        .toList()
                : List.of();
    }

    private static String shown(String reference) {
        return "\"" + Found.shortened(reference, 100) + "\"";
    }

    private static String decoded(String fragment) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return fragment;
        }
    }

    // ---- circles

    private void circles() {
        Map<Part, Boolean> done = new IdentityHashMap<>();
        for (Part part : parts.all()) {
            visit(part, done);
        }
    }

    /** True is on the way, false is done. */
    private void visit(Part part, Map<Part, Boolean> done) {
        if (done.putIfAbsent(part, true) != null) {
            return;
        }
        part.sameValue().forEach(member -> visit(member, done));
        Part target = targets.get(part);
        if (target != null && Boolean.TRUE.equals(done.get(target))) {
            problems.add(SchemaProblem.error(
                    "schema.endless_reference",
                    part.path(keyword(part)),
                    "\"" + keyword(part) + "\" leads back to where it comes from, without a step into the data",
                    "refer to it from within properties or items"));
        } else if (target != null) {
            visit(target, done);
        }
        done.put(part, false);
    }

    private static String keyword(Part part) {
        return part.schema().has("$ref") ? "$ref" : "$dynamicRef";
    }
}
