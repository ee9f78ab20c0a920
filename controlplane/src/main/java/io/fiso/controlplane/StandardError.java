// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a component's last lines on standard error say of its end: plain text (a stack trace, the one line of a component that gives up), warnings and
 * errors. That it had started well, which a log line of level INFO says, is no cause.
 */
final class StandardError {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> HARMLESS = Set.of("trace", "debug", "config", "info", "notice");

    private StandardError() {}

    /** The lines that may tell why, oldest first; of structured ones the message. */
    static List<String> telling(List<String> lines) {
        return lines.stream().flatMap(line -> telling(line).stream()).toList();
    }

    private static Optional<String> telling(String line) {
        if (!line.startsWith("{")) {
            return Optional.of(line);
        }
        JsonNode entry;
        try {
            entry = JSON.readTree(line);
        } catch (JacksonException _) {
            return Optional.of(line);
        }
        String level = text(entry, "level", "severity").toLowerCase(Locale.ROOT);
        if (HARMLESS.contains(level)) {
            return Optional.empty();
        }
        String message = text(entry, "message", "msg");
        String error = text(entry, "error", "exception").lines().findFirst().orElse("");
        String told = Stream.of(message, error)
                .filter(part -> !part.isEmpty())
                .collect(java.util.stream.Collectors.joining(": "));
        return Optional.of(told.isEmpty() ? line : told);
    }

    private static String text(JsonNode entry, String name, String alias) {
        return entry.path(name).asString(entry.path(alias).asString(""));
    }
}
