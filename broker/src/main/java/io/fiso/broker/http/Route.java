// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule of {@code google.api.http}: how a method is called over HTTP.
 *
 * @param verb GET, say
 * @param variables the fields that the path's variables fill, in their order
 * @param responseField what of the answer is shown; null for all
 */
record Route(
        String verb,
        PathTemplate path,
        RpcMethod method,
        List<FieldPath> variables,
        Body body,
        @Nullable FieldDescriptor responseField) {

    /** What a request's body is. */
    sealed interface Body {}

    /** Nothing. */
    record None() implements Body {}

    /** The request, but for what the path says. */
    record Whole() implements Body {}

    /** A field of the request, which is a message; the others come from the query. */
    record InField(FieldDescriptor field) implements Body {}

    /** @throws IllegalArgumentException if the rule does not fit the method, or says what is not supported here */
    static Route of(HttpRule rule, RpcMethod method) {
        String verb = rule.getPatternCase() == HttpRule.PatternCase.CUSTOM
                ? rule.getCustom().getKind()
                : rule.getPatternCase().name();
        String text = switch (rule.getPatternCase()) {
            case GET -> rule.getGet();
            case PUT -> rule.getPut();
            case POST -> rule.getPost();
            case DELETE -> rule.getDelete();
            case PATCH -> rule.getPatch();
            case CUSTOM -> rule.getCustom().getPath();
            case PATTERN_NOT_SET ->
                throw new IllegalArgumentException(
                        "http: a rule of " + method.contract().getFullName() + " has no path");
        };
        PathTemplate path = PathTemplate.parse(text);
        Descriptor input = method.contract().getInputType();
        List<FieldPath> variables = path.variables().stream()
                .map(variable -> FieldPath.find(input, variable.field())
                        .filter(field -> !field.last().isRepeated())
                        .orElseThrow(() -> unfit(method, variable.field())))
                .toList();
        Body body = switch (rule.getBody()) {
            case "" -> new None();
            case "*" -> new Whole();
            default -> new InField(messageField(input, rule.getBody(), method));
        };
        FieldDescriptor shown = rule.getResponseBody().isEmpty()
                ? null
                : messageField(method.contract().getOutputType(), rule.getResponseBody(), method);
        return new Route(verb, path, method, variables, body, shown);
    }

    private static FieldDescriptor messageField(Descriptor type, String name, RpcMethod method) {
        return Optional.ofNullable(type.findFieldByName(name))
                .filter(field -> field.getJavaType() == JavaType.MESSAGE && !field.isRepeated())
                .orElseThrow(() -> unfit(method, name));
    }

    private static IllegalArgumentException unfit(RpcMethod method, String field) {
        return new IllegalArgumentException(
                "http: a rule of " + method.contract().getFullName() + " uses \"" + field
                        + "\", which is no field of its message that can stand there");
    }

    /**
     * The request that a caller makes.
     *
     * @throws HttpProblem if it makes none
     */
    Message request(List<String> inPath, Query query, byte[] content) {
        Message.Builder request = method.request().newBuilderForType();
        switch (body) {
            case None() -> {
                if (content.length > 0) {
                    throw HttpProblem.invalid("broker.body_unexpected", verb + " takes no body here");
                }
            }
            case Whole() -> {
                if (content.length > 0) {
                    JsonBody.read(content, request);
                }
            }
            case InField(FieldDescriptor field) -> {
                if (content.length > 0) {
                    JsonBody.read(content, request.getFieldBuilder(field));
                }
            }
        }
        for (int i = 0; i < variables.size(); i++) {
            FieldPath field = variables.get(i);
            Optional<Object> inBody = field.value(request);
            field.clear(request);
            field.put(request, List.of(inPath.get(i)), "broker.path_invalid");
            if (inBody.isPresent() && !inBody.equals(field.value(request))) {
                throw HttpProblem.invalid(
                        "broker.body_invalid", "\"" + field.name() + "\" in the body is not what stands in the path");
            }
        }
        if (body instanceof Whole && !query.parameters().isEmpty()) {
            throw HttpProblem.invalid(
                    "broker.query_invalid", "this takes no query: what is not in the path belongs into the body");
        }
        query.putInto(request, taken());
        return request.build();
    }

    /** The fields, by their names in JSON, that path and body fill. */
    Set<String> taken() {
        Set<String> taken = new HashSet<>();
        variables.forEach(field -> taken.add(field.name()));
        if (body instanceof InField(FieldDescriptor field)) {
            taken.add(field.getJsonName());
        }
        return taken;
    }

    /** What of an answer is shown. */
    Message shown(Message answer) {
        return responseField == null ? answer : (Message) Objects.requireNonNull(answer.getField(responseField));
    }

    static List<Route> all(HttpRule rule, RpcMethod method) {
        List<Route> routes = new ArrayList<>();
        routes.add(of(rule, method));
        rule.getAdditionalBindingsList().forEach(more -> routes.add(of(more, method)));
        return routes;
    }
}
