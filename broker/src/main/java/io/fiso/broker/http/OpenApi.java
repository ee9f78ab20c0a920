// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;

/** The OpenAPI 3.1 document of what {@link HttpFace} serves, made from the same contracts. Needs no running broker. */
public final class OpenApi {
    private static final int NESTED_MAX = 4;
    private static final List<String> NAME_PARTS = List.of("tenant", "namespace", "kind");

    private final Comments comments;
    private final OpenApiSchemas schemas;
    private final Map<String, Integer> operations = new HashMap<>();

    private OpenApi(Comments comments) {
        this.comments = comments;
        this.schemas = new OpenApiSchemas(comments);
    }

    /** As JSON. */
    public static String document(List<ServerServiceDefinition> services) {
        Map<String, Object> document = new OpenApi(Comments.ofContracts()).of(Routes.of(services));
        return Json.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document);
    }

    private Map<String, Object> of(Routes routes) {
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        Map<String, Object> tags = new TreeMap<>();
        for (Route route : routes.all()) {
            List<Part> parts = parts(route);
            paths.computeIfAbsent(path(route, parts), _ -> new LinkedHashMap<>())
                    .put(route.verb().toLowerCase(Locale.ROOT), operation(route, parts));
            ServiceDescriptor service = route.method().contract().getService();
            tags.put(
                    service.getName(),
                    OpenApiSchemas.described(
                            Json.ordered("name", service.getName()), comments.of(service.getFullName())));
        }
        Map<String, Object> components = Json.ordered(
                "schemas",
                schemas.all(),
                "securitySchemes",
                Map.of("token", Json.ordered("type", "http", "scheme", "bearer")),
                "responses",
                Map.of("Error", error()));
        return Json.ordered(
                "openapi",
                "3.1.0",
                "info",
                Json.ordered(
                        "title",
                        "Fiso broker",
                        "version",
                        Objects.requireNonNullElse(OpenApi.class.getPackage().getImplementationVersion(), "unreleased"),
                        "description",
                        "Durable streams, queues and key-value on one machine. Made from the contracts of the gRPC services."),
                "servers",
                List.of(Json.ordered("url", "/")),
                "security",
                List.of(Map.of("token", List.of())),
                "tags",
                List.copyOf(tags.values()),
                "paths",
                paths,
                "components",
                components);
    }

    /** One segment of a path that varies; OpenAPI has no parameters with slashes in them. */
    private record Part(int segment, String name, String description) {}

    private List<Part> parts(Route route) {
        List<Part> parts = new ArrayList<>();
        for (int v = 0; v < route.variables().size(); v++) {
            PathTemplate.Variable variable = route.path().variables().get(v);
            FieldPath field = route.variables().get(v);
            String comment = comments.of(field.last().getFullName());
            int length = variable.to() - variable.from();
            for (int i = variable.from(); i < variable.to(); i++) {
                int index = i - variable.from();
                switch (route.path().segments().get(i)) {
                    case PathTemplate.Literal _ -> {}
                    case PathTemplate.One() -> {
                        boolean last = index == length - 1;
                        boolean resource = length == NAME_PARTS.size() + 1;
                        String name = last && (resource || length == 1)
                                ? field.name()
                                : resource ? NAME_PARTS.get(index) : field.name() + (index + 1);
                        parts.add(new Part(
                                i,
                                name,
                                length == 1 ? comment : "Part " + (index + 1) + " of " + length + ": " + comment));
                    }
                    case PathTemplate.Rest() ->
                        parts.add(new Part(i, field.name(), "May hold slashes, which are not encoded. " + comment));
                }
            }
        }
        return parts;
    }

    private static String path(Route route, List<Part> parts) {
        StringBuilder path = new StringBuilder();
        List<PathTemplate.Segment> segments = route.path().segments();
        for (int i = 0; i < segments.size(); i++) {
            int index = i;
            path.append('/');
            path.append(
                    switch (segments.get(i)) {
                        case PathTemplate.Literal(String text) -> text;
                        case PathTemplate.One _, PathTemplate.Rest _ ->
                            parts.stream()
                                    .filter(part -> part.segment() == index)
                                    .map(part -> "{" + part.name() + "}")
                                    .findFirst()
                                    .orElse("{segment" + index + "}");
                    });
        }
        return path + (route.path().verb() == null ? "" : ":" + route.path().verb());
    }

    private Map<String, Object> operation(Route route, List<Part> parts) {
        var method = route.method().contract();
        List<Object> parameters = new ArrayList<>();
        parts.forEach(part -> parameters.add(OpenApiSchemas.described(
                Json.ordered(
                        "name",
                        part.name(),
                        "in",
                        "path",
                        "required",
                        true,
                        "schema",
                        Json.ordered("type", "string", "minLength", 1)),
                part.description())));
        if (!(route.body() instanceof Route.Whole)) {
            queryParameters(method.getInputType(), "", route.taken(), NESTED_MAX, parameters);
        }
        String base = method.getService().getName() + "_" + method.getName();
        int count = operations.merge(base, 1, Integer::sum);
        Map<String, Object> operation = Json.ordered(
                "tags", List.of(method.getService().getName()), "operationId", count == 1 ? base : base + count);
        OpenApiSchemas.described(operation, comments.of(method.getFullName()));
        operation.put("parameters", parameters);
        Descriptor content = switch (route.body()) {
            case Route.None() -> null;
            case Route.Whole() -> method.getInputType();
            case Route.InField(FieldDescriptor field) -> field.getMessageType();
        };
        if (content != null) {
            operation.put("requestBody", Json.ordered("content", content(Transcoder.JSON, content)));
        }
        Descriptor answer = route.responseField() == null
                ? method.getOutputType()
                : route.responseField().getMessageType();
        Map<String, Object> success = route.method().streamsAnswers()
                ? Json.ordered(
                        "description",
                        "One answer a line, for as long as there are any. An empty line says that there is none yet; the last may be an error.",
                        "content",
                        content(Transcoder.LINES, answer))
                : Json.ordered("description", "Done.", "content", content(Transcoder.JSON, answer));
        operation.put(
                "responses",
                Json.ordered("200", success, "default", Json.ordered("$ref", "#/components/responses/Error")));
        return operation;
    }

    private Map<String, Object> content(String type, Descriptor message) {
        return Json.ordered(type, Json.ordered("schema", schemas.message(message)));
    }

    private void queryParameters(
            Descriptor type, String prefix, Set<String> taken, int depth, List<Object> parameters) {
        for (FieldDescriptor field : type.getFields()) {
            String name = prefix + field.getJsonName();
            if (taken.contains(name)) {
                continue;
            }
            if (OpenApiSchemas.isText(field)) {
                Map<String, Object> schema = schemas.field(field);
                Object description = schema.remove("description");
                parameters.add(OpenApiSchemas.described(
                        Json.ordered("name", name, "in", "query", "schema", schema),
                        description == null ? "" : description.toString()));
            } else if (OpenApiSchemas.isNested(field) && depth > 0) {
                queryParameters(field.getMessageType(), name + ".", taken, depth - 1, parameters);
            }
        }
    }

    private static Map<String, Object> error() {
        Map<String, Object> text = Json.ordered("type", "string");
        Map<String, Object> fields = Json.ordered(
                "code",
                Json.ordered("type", "string", "description", "Stable, with dots: broker.resource_not_found."),
                "status",
                Json.ordered("type", "string", "description", "As gRPC calls it: NOT_FOUND."),
                "message",
                OpenApiSchemas.described(new LinkedHashMap<>(text), "What was found, and what to do."));
        Map<String, Object> schema = Json.ordered(
                "type",
                "object",
                "properties",
                Map.of(
                        "error",
                        Json.ordered(
                                "type",
                                "object",
                                "properties",
                                fields,
                                "required",
                                List.of("code", "status", "message"))),
                "required",
                List.of("error"));
        return Json.ordered(
                "description",
                "It was not done.",
                "content",
                Json.ordered(Transcoder.JSON, Json.ordered("schema", schema)));
    }
}
