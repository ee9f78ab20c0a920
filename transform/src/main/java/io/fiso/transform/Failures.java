// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What cel-java says of an evaluation that failed, in words for those who wrote the expression, and without parts of the payload. */
final class Failures {
    private static final Pattern PREFIX = Pattern.compile("evaluation error(?: at [^:]*(?::\\d+)?)?:\\s*");

    private static final Pattern MISSING = Pattern.compile("key '([^']*)' is not present in map\\.?");

    private static final Pattern OVERLOAD =
            Pattern.compile("No matching overload for function '([^']*)'.*", Pattern.DOTALL);

    /** Such messages go on with the arguments. */
    private static final Pattern FAILED = Pattern.compile("Function '([^']*)' failed with arg.*", Pattern.DOTALL);

    private static final Pattern UNPARSED =
            Pattern.compile("Text '.*' could not be parsed.*|Failed to parse timestamp.*", Pattern.DOTALL);

    private Failures() {}

    static String plain(@Nullable String message) {
        if (message == null) {
            return "the evaluation failed";
        }
        var start = PREFIX.matcher(message);
        var text = start.lookingAt() ? message.substring(start.end()) : message;
        var missing = MISSING.matcher(text);
        if (missing.matches()) {
            return "there is no \"" + missing.group(1) + "\"; has(...) tells, and .? goes around it";
        }
        var overload = OVERLOAD.matcher(text);
        if (overload.matches()) {
            return "\"" + name(overload.group(1))
                    + "\" does not take values of these types; int(...), double(...) and string(...) convert";
        }
        if (text.startsWith("For input string")) {
            return "the text is no number";
        }
        if (UNPARSED.matcher(text).matches()) {
            return "the text is no timestamp; write it like 2026-01-31T10:00:00Z";
        }
        var failed = FAILED.matcher(text);
        return failed.matches() ? "\"" + name(failed.group(1)) + "\" cannot do anything with what it was given" : text;
    }

    /** As it is written, where cel-java has a name of its own for an operator. */
    static String name(String function) {
        return switch (function) {
            case OwnFunctions.UUID_CALL -> "uuid";
            case "base64_decode_string" -> "base64.decode";
            case "@in" -> "in";
            case "_[_]" -> "[]";
            case "_?_:_" -> "? :";
            case "math.@max" -> "math.greatest";
            case "math.@min" -> "math.least";
            default -> function.matches("[-_!+*/%<>=&|]+") ? function.replace("_", "") : function;
        };
    }
}
