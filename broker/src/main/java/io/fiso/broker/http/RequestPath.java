// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's path, decoded segment by segment. What could mean two things to two readers is refused: empty segments, {@code .} and {@code ..},
 * encoded slashes, backslashes and control characters.
 *
 * @param segments decoded, with whatever colon the last one has
 * @param verb what follows the last colon of the last segment, which must not be encoded; null if there is none
 * @param beforeVerb the last segment without verb and colon
 */
record RequestPath(List<String> segments, @Nullable String verb, String beforeVerb) {
    private static final String CODE = "broker.path_invalid";
    private static final int LENGTH_MAX = 4096;

    /** @throws HttpProblem if it is no path that is taken */
    static RequestPath parse(String raw) {
        if (raw.length() > LENGTH_MAX) {
            throw HttpProblem.of(
                    414, io.grpc.Status.Code.INVALID_ARGUMENT, CODE, "the path has more than " + LENGTH_MAX + " bytes");
        }
        if (!raw.startsWith("/")) {
            throw HttpProblem.invalid(CODE, "the path does not start with a slash");
        }
        String[] parts = raw.substring(1).split("/", -1);
        List<String> segments = new ArrayList<>();
        for (String part : parts) {
            segments.add(segment(part));
        }
        String last = parts[parts.length - 1];
        int colon = last.lastIndexOf(':');
        return colon < 1
                ? new RequestPath(List.copyOf(segments), null, segments.getLast())
                : new RequestPath(
                        List.copyOf(segments),
                        PercentEncoding.decode(last.substring(colon + 1), false, CODE),
                        segment(last.substring(0, colon)));
    }

    private static String segment(String raw) {
        if (raw.isEmpty()) {
            throw HttpProblem.invalid(CODE, "the path has an empty segment: a slash too many, or one at its end");
        }
        String decoded = PercentEncoding.decode(raw, false, CODE);
        if (decoded.equals(".") || decoded.equals("..")) {
            throw HttpProblem.invalid(CODE, "the path has a segment . or .., which mean nothing here");
        }
        if (decoded.chars().anyMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))) {
            throw HttpProblem.invalid(
                    CODE, Shown.word(raw) + " holds an encoded slash, a backslash or a control character");
        }
        return decoded;
    }
}
