// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import io.fiso.transform.EventRules;
import io.fiso.transform.Limits;
import io.fiso.transform.OutputSchema;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The processor's config.
 *
 * @param fields the output's fields and the expressions that make them, in order
 * @param emit a list of which each element becomes an event's data
 * @param where only events for which this is true go on
 * @param drop events for which this is true do not go on
 * @param cloudevents attributes and the expressions that replace them
 * @param timeout how long one event's expressions may take
 * @param maxOutputBytes the largest output
 * @param validate a JSON Schema that the output must satisfy; empty for none
 */
record CelProcessorConfig(
        @Nullable Map<String, Object> fields,
        @Nullable String emit,
        @Nullable String where,
        @Nullable String drop,
        @Nullable Map<String, Object> cloudevents,
        @Nullable Duration timeout,
        @Nullable Integer maxOutputBytes,
        @Nullable Map<String, Object> validate) {
    CelProcessorConfig {
        // Refuses what makes no sense together.
        rules(fields, emit, where, drop, cloudevents);
    }

    EventRules rules() {
        return rules(fields, emit, where, drop, cloudevents);
    }

    private static EventRules rules(
            @Nullable Map<String, Object> fields,
            @Nullable String emit,
            @Nullable String where,
            @Nullable String drop,
            @Nullable Map<String, Object> cloudevents) {
        return new EventRules(
                expressions(fields),
                Optional.ofNullable(emit),
                Optional.ofNullable(where),
                Optional.ofNullable(drop),
                expressions(cloudevents));
    }

    /** A number or a truth value in YAML is the expression of the same spelling. */
    private static Map<String, String> expressions(@Nullable Map<String, Object> given) {
        Map<String, String> expressions = new LinkedHashMap<>();
        if (given != null) {
            given.forEach((name, expression) -> expressions.put(name, String.valueOf(expression)));
        }
        return expressions;
    }

    /** What new data must satisfy; null if there is nothing to check. A map that is left out comes as an empty one, and the empty schema takes everything. */
    @Nullable
    OutputSchema outputSchema() {
        return validate == null || validate.isEmpty() ? null : OutputSchema.compile(validate);
    }

    Limits limits() {
        Limits limits = Limits.DEFAULT;
        if (timeout != null) {
            limits = limits.withTimeout(timeout);
        }
        return maxOutputBytes == null ? limits : limits.withMaxOutputBytes(maxOutputBytes);
    }
}
