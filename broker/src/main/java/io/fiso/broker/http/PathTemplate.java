// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The path of a {@code google.api.http} rule: {@code /v1/resources/{name=*}/{part=**}:verb}.
 *
 * @param variables by their place in the path
 * @param verb null if there is none
 */
record PathTemplate(
        List<Segment> segments,
        List<Variable> variables,
        @Nullable String verb) implements Comparable<PathTemplate> {
    /** One or more segments of a path. */
    sealed interface Segment {}

    record Literal(String text) implements Segment {}

    /** {@code *}. */
    record One() implements Segment {}

    /** {@code **}: one or more; the last of a path. */
    record Rest() implements Segment {}

    /**
     * What a field of the request gets.
     *
     * @param field its path, with dots
     * @param from the index of its first segment
     * @param to past its last
     */
    record Variable(String field, int from, int to) {}

    /** @throws IllegalArgumentException if it is none */
    static PathTemplate parse(String text) {
        int colon = text.indexOf(':', Math.max(text.lastIndexOf('/'), text.lastIndexOf('}')));
        String path = colon < 0 ? text : text.substring(0, colon);
        String verb = colon < 0 ? null : text.substring(colon + 1);
        if (!path.startsWith("/") || (verb != null && verb.isEmpty())) {
            throw malformed(text);
        }
        List<Segment> segments = new ArrayList<>();
        List<Variable> variables = new ArrayList<>();
        int at = 1;
        while (at <= path.length()) {
            int end;
            if (path.startsWith("{", at)) {
                int close = path.indexOf('}', at);
                if (close < 0) {
                    throw malformed(text);
                }
                end = close + 1;
                String[] parts = path.substring(at + 1, close).split("=", 2);
                int from = segments.size();
                for (String part : (parts.length == 1 ? "*" : parts[1]).split("/", -1)) {
                    segments.add(segment(part, text));
                }
                variables.add(new Variable(parts[0], from, segments.size()));
            } else {
                int slash = path.indexOf('/', at);
                end = slash < 0 ? path.length() : slash;
                segments.add(segment(path.substring(at, end), text));
            }
            if (end < path.length() && path.charAt(end) != '/') {
                throw malformed(text);
            }
            at = end + 1;
        }
        if (segments.subList(0, segments.size() - 1).contains(new Rest())) {
            throw malformed(text);
        }
        return new PathTemplate(List.copyOf(segments), List.copyOf(variables), verb);
    }

    private static Segment segment(String text, String template) {
        if (!text.matches("[*]|[*][*]|[A-Za-z0-9._~-]+")) {
            throw malformed(template);
        }
        return switch (text) {
            case "*" -> new One();
            case "**" -> new Rest();
            default -> new Literal(text);
        };
    }

    private static IllegalArgumentException malformed(String template) {
        return new IllegalArgumentException("http: \"" + template + "\" is no path template");
    }

    /** The values of the variables, in their order; empty if the path is another one. */
    Optional<List<String>> match(RequestPath path) {
        List<String> given = path.segments();
        if (verb != null) {
            if (!verb.equals(path.verb())) {
                return Optional.empty();
            }
            given = new ArrayList<>(given);
            given.set(given.size() - 1, path.beforeVerb());
        }
        boolean open = segments.getLast() instanceof Rest;
        if (open ? given.size() < segments.size() : given.size() != segments.size()) {
            return Optional.empty();
        }
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i) instanceof Literal(String text) && !text.equals(given.get(i))) {
                return Optional.empty();
            }
        }
        List<String> values = new ArrayList<>();
        for (Variable variable : variables) {
            boolean toEnd = open && variable.to() == segments.size();
            values.add(String.join("/", given.subList(variable.from(), toEnd ? given.size() : variable.to())));
        }
        return Optional.of(values);
    }

    /** What it matches, whatever the variables are called: two rules of one shape would match the same. */
    String shape() {
        return segments.stream().map(PathTemplate::shape).collect(Collectors.joining("/", "/", ""))
                + (verb == null ? "" : ":" + verb);
    }

    private static String shape(Segment segment) {
        return switch (segment) {
            case Literal(String text) -> text;
            case One() -> "*";
            case Rest() -> "**";
        };
    }

    /** The more special one first: one with a verb, then by the first segment where they differ: literal, one, rest. */
    @Override
    public int compareTo(PathTemplate other) {
        if ((verb == null) != (other.verb == null)) {
            return verb == null ? 1 : -1;
        }
        for (int i = 0; i < Math.min(segments.size(), other.segments.size()); i++) {
            int difference = rank(segments.get(i)) - rank(other.segments.get(i));
            if (difference != 0) {
                return difference;
            }
        }
        return shape().compareTo(other.shape());
    }

    private static int rank(Segment segment) {
        return switch (segment) {
            case Literal _ -> 0;
            case One() -> 1;
            case Rest() -> 2;
        };
    }
}
