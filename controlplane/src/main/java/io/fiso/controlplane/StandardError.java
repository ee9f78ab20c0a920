// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** The level of a structured line that was cut, by its length or by the end of the process. */
    private static final Pattern LEVEL_OF_A_CUT_LINE = Pattern.compile("\"(?:level|severity)\"\\s*:\\s*\"(\\w+)\"");

    /** {@code 2026-01-31T12:00:00Z [main] INFO Started}, {@code INFO:root:Started}, {@code time=… level=info msg=Started}. */
    private static final Pattern HARMLESS_TEXT =
            Pattern.compile("^(?:[\\[(]?\\d[\\d.,:/TZ+-]*[\\])]?\\s+){0,3}(?:\\[[^\\]]*\\]\\s+)?"
                    + "[\\[(<]?(?:TRACE|DEBUG|CONFIG|INFO|NOTICE|FINE|FINER|FINEST)[\\])>]?(?:[:\\s].*|$)"
                    + "|^(?:\\S+=\\S+\\s+){0,4}level=\"?(?i:trace|debug|info|notice)\\b.*");

    /** What java.util.logging writes above each message by default: when and where, but neither level nor what. */
    private static final Pattern HEADING =
            Pattern.compile("^\\p{L}{3,4}\\.? \\d{1,2}, \\d{4} \\d{1,2}:\\d{2}:\\d{2}.*");

    /** What of a stack trace follows its first line. */
    private static final Pattern TRACE = Pattern.compile("^\\s+.*|^Caused by: .*|^Suppressed: .*");

    private StandardError() {}

    /** The lines that may tell why, oldest first; of structured ones the message. */
    static List<String> telling(List<String> lines) {
        return lines.stream().flatMap(line -> telling(line).stream()).toList();
    }

    /** The one line of them to quote: the last that is not merely the rest of a stack trace. */
    static Optional<String> cause(List<String> telling) {
        return telling.reversed().stream()
                .filter(line -> !TRACE.matcher(line).matches())
                .findFirst()
                .or(() -> telling.reversed().stream().findFirst().map(String::strip));
    }

    private static Optional<String> telling(String line) {
        if (!line.startsWith("{")) {
            boolean harmless = HARMLESS_TEXT.matcher(line).matches()
                    || HEADING.matcher(line).matches();
            return harmless ? Optional.empty() : Optional.of(line);
        }
        JsonNode entry;
        try {
            entry = JSON.readTree(line);
        } catch (JacksonException _) {
            Matcher level = LEVEL_OF_A_CUT_LINE.matcher(line);
            return level.find() && harmless(level.group(1)) ? Optional.empty() : Optional.of(line);
        }
        if (harmless(text(entry, "level", "severity"))) {
            return Optional.empty();
        }
        String message = text(entry, "message", "msg");
        String error = text(entry, "error", "exception").lines().findFirst().orElse("");
        String told = Stream.of(message, error)
                .filter(part -> !part.isEmpty())
                .collect(java.util.stream.Collectors.joining(": "));
        return Optional.of(told.isEmpty() ? line : told);
    }

    private static boolean harmless(String level) {
        return HARMLESS.contains(level.toLowerCase(Locale.ROOT));
    }

    private static String text(JsonNode entry, String name, String alias) {
        return entry.path(name).asString(entry.path(alias).asString(""));
    }
}
