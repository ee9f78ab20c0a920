// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a cel-processor is told to do with events. All expressions see the event as it came.
 *
 * @param fields the output's fields, each with its expression; empty if the data is made otherwise, or stays
 * @param emit a list of which each element becomes the data of an event of its own; empty for none
 * @param where only events for which this is true go on; empty for all
 * @param drop events for which this is true do not go on; empty for none
 * @param cloudevents attributes, and {@code data}, each with the expression that replaces it
 */
public record EventRules(
        Map<String, String> fields,
        Optional<String> emit,
        Optional<String> where,
        Optional<String> drop,
        Map<String, String> cloudevents) {
    public EventRules {
        fields = ordered(fields);
        cloudevents = ordered(cloudevents);
        if (fields.isEmpty() && emit.isEmpty() && where.isEmpty() && drop.isEmpty() && cloudevents.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is nothing to do; give at least one of fields, emit, where, drop and cloudevents, such as fields: {order_id: data.legacy_id}");
        }
        if (!fields.isEmpty() && emit.isPresent()) {
            throw new IllegalArgumentException(
                    "fields and emit exclude each other: to split the event keep emit, and say there what each part holds; else keep fields");
        }
        if (cloudevents.containsKey("data") && (!fields.isEmpty() || emit.isPresent())) {
            throw new IllegalArgumentException("cloudevents.data and " + (emit.isPresent() ? "emit" : "fields")
                    + " exclude each other: both make the data; keep one of them");
        }
        for (var name : cloudevents.keySet()) {
            var refusal = AttributeRules.refusal(name);
            if (refusal != null) {
                throw new IllegalArgumentException("cloudevents: " + refusal);
            }
        }
    }

    /** Nothing but the fields. */
    public static EventRules ofFields(Map<String, String> fields) {
        return new EventRules(fields, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    /** From a component's config; what is no rule is left out. A number or a truth value in YAML is the expression of the same spelling. */
    public static EventRules of(Map<String, ?> config) {
        return new EventRules(
                expressions(config.get("fields")),
                expression(config.get("emit")),
                expression(config.get("where")),
                expression(config.get("drop")),
                expressions(config.get("cloudevents")));
    }

    private static Optional<String> expression(@Nullable Object given) {
        return Optional.ofNullable(given).map(String::valueOf);
    }

    private static Map<String, String> expressions(@Nullable Object given) {
        var expressions = new LinkedHashMap<String, String>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, expression) -> expressions.put(String.valueOf(name), String.valueOf(expression)));
        }
        return expressions;
    }

    private static Map<String, String> ordered(Map<String, String> expressions) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(expressions));
    }

    /** Whether the data becomes another. */
    boolean makesData() {
        return !fields.isEmpty() || emit.isPresent() || cloudevents.containsKey("data");
    }
}
