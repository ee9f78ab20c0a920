// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import io.fiso.transform.Limits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processor's config.
 *
 * @param fields the output's fields and the expressions that make them, in order
 * @param timeout how long one event's expressions may take
 * @param maxOutputBytes the largest output
 * @param validate a JSON Schema that the output must satisfy
 */
record CelProcessorConfig(
        Map<String, Object> fields,
        @Nullable Duration timeout,
        @Nullable Integer maxOutputBytes,
        @Nullable Map<String, Object> validate) {
    CelProcessorConfig {
        if (fields == null || fields.isEmpty()) {
            throw new IllegalArgumentException("fields is empty; name at least one, such as order_id: data.legacy_id");
        }
    }

    /** The expressions; a number or a truth value in YAML is the expression of the same spelling. */
    Map<String, String> expressions() {
        Map<String, String> expressions = new LinkedHashMap<>();
        fields.forEach((name, expression) -> expressions.put(name, String.valueOf(expression)));
        return expressions;
    }

    Limits limits() {
        Limits limits = Limits.DEFAULT;
        if (timeout != null) {
            limits = limits.withTimeout(timeout);
        }
        return maxOutputBytes == null ? limits : limits.withMaxOutputBytes(maxOutputBytes);
    }
}
