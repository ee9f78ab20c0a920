// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters behind a path, by name. */
record Query(Map<String, List<String>> parameters) {
    private static final String CODE = "broker.query_invalid";
    private static final int LENGTH_MAX = 16 * 1024;
    private static final int PARAMETERS_MAX = 200;

    /**
     * @param raw what follows the question mark; null if there is none
     * @throws HttpProblem if it is not well-formed
     */
    static Query parse(@Nullable String raw) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        if (raw == null || raw.isEmpty()) {
            return new Query(parameters);
        }
        if (raw.length() > LENGTH_MAX) {
            throw HttpProblem.of(
                    414,
                    io.grpc.Status.Code.INVALID_ARGUMENT,
                    CODE,
                    "the query has more than " + LENGTH_MAX + " bytes");
        }
        String[] pairs = raw.split("&", -1);
        if (pairs.length > PARAMETERS_MAX) {
            throw HttpProblem.invalid(CODE, "the query has more than " + PARAMETERS_MAX + " parameters");
        }
        for (String pair : pairs) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = PercentEncoding.decode(equals < 0 ? pair : pair.substring(0, equals), true, CODE);
            String value = equals < 0 ? "" : PercentEncoding.decode(pair.substring(equals + 1), true, CODE);
            parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return new Query(parameters);
    }

    /**
     * Puts them into a request's fields.
     *
     * @param taken fields, by their names in JSON, that path or body fill
     * @throws HttpProblem if there is no such field, or what is given does not fit
     */
    void putInto(Message.Builder request, Set<String> taken) {
        Descriptor type = request.getDescriptorForType();
        // One field may be called by either of its names, but not by both.
        Map<FieldPath, String> seen = new LinkedHashMap<>();
        parameters.forEach((name, values) -> {
            FieldPath field = FieldPath.find(type, name).orElseThrow(() -> unknown(type, name));
            if (taken.contains(field.name())
                    || taken.contains(field.fields().getFirst().getJsonName())) {
                throw HttpProblem.invalid(
                        CODE, "\"" + field.name() + "\" comes from the path or the body, not from the query");
            }
            String other = seen.put(field, name);
            if (other != null) {
                throw HttpProblem.invalid(CODE, "\"" + field.name() + "\" is given under two names");
            }
            field.put(request, values, CODE);
        });
    }

    static HttpProblem unknown(Descriptor type, String name) {
        int dot = name.indexOf('.');
        String first = dot < 0 ? name : name.substring(0, dot);
        boolean known = FieldPath.field(type, first).isPresent();
        return HttpProblem.invalid(
                "broker.field_unknown",
                "there is no parameter " + Shown.word(name)
                        + (known ? " that text can be given to" : Shown.suggestion(first, FieldPath.names(type))));
    }
}
