// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The source's config.
 *
 * @param count how many events to make; endless without it
 * @param rate events per second; unlimited without it
 * @param data the payload's template; orders without it
 * @param keys how many order keys there are
 * @param size about how many bytes of data the default orders have; 0 for as they are
 * @param eventType the type of the events
 */
record GeneratorSourceConfig(
        @Nullable Long count,
        @Nullable Double rate,
        @Nullable Object data,
        int keys,
        int size,
        @Nullable String eventType) {
    private static final int DEFAULT_KEYS = 1000;
    private static final String ORDERS = """
            {"legacy_id":"ORD-{{order}}","order_status":"{{status}}","price":{{price}},"quantity":{{quantity}},"n":{{n}}%s}""";
    private static final int ORDERS_BYTES = 90;

    GeneratorSourceConfig {
        if (count != null && count < 0) {
            throw new IllegalArgumentException("count is " + count + "; leave it out for endless events");
        }
        if (rate != null && !(rate > 0 && rate <= 1e9)) {
            throw new IllegalArgumentException(
                    "rate is " + rate + "; it must be above 0, or left out for as fast as possible");
        }
        if (keys < 0) {
            throw new IllegalArgumentException("keys is " + keys + "; at least 1 is needed");
        }
        if (size < 0) {
            throw new IllegalArgumentException("size is " + size + "; it cannot be negative");
        }
        if (size > 0 && data != null) {
            throw new IllegalArgumentException(
                    "size pads the default orders; with \"data\" of your own it has no effect: drop one of the two");
        }
        keys = keys == 0 ? DEFAULT_KEYS : keys;
        eventType = eventType == null ? "fiso.event" : eventType;
    }

    @Override
    public String eventType() {
        return java.util.Objects.requireNonNull(eventType);
    }

    /** Where the events end; empty for never. */
    OptionalLong limit() {
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    OptionalDouble perSecond() {
        return rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate);
    }

    Template template() {
        if (data == null) {
            int padding = size - ORDERS_BYTES - ",\"note\":\"\"".length();
            return Template.parse(ORDERS.formatted(padding > 0 ? ",\"note\":\"" + "x".repeat(padding) + "\"" : ""));
        }
        if (data instanceof String text) {
            return Template.parse(text);
        }
        // In YAML a blank has to be quoted; alone in its quotes, a number means the number.
        return Template.parse(JsonMapper.shared()
                .writeValueAsString(data)
                .replaceAll("\"\\{\\{(n|price|quantity)\\}\\}\"", "{{$1}}"));
    }
}
