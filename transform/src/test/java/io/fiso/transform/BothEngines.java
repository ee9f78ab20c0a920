// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The same expression, compiled and interpreted. */
final class BothEngines {
    private static final InstantSource CLOCK = () -> Instant.EPOCH;

    /** What an expression is for. */
    enum Kind {
        JSON,
        CONDITION,
        VALUE,
        ELEMENTS
    }

    private final Side compiled;
    private final Side interpreted;

    BothEngines(Kind kind, String expression, Limits limits) throws InvalidExpressionException {
        compiled = new Side(kind, expression, ExpressionSet.builder(limits, CLOCK));
        interpreted =
                new Side(kind, expression, ExpressionSet.builder(limits, CLOCK).interpretedOnly());
    }

    Side compiled() {
        return compiled;
    }

    Side interpreted() {
        return interpreted;
    }

    static final class Side {
        final ExpressionSet set;
        private final ExpressionSet.Handle handle;

        private Side(Kind kind, String expression, ExpressionSet.Builder builder) throws InvalidExpressionException {
            handle = switch (kind) {
                // Twice, and a part of it: what is shared must not differ.
                case JSON -> builder.object(ordered("f", expression, "g", "[" + expression + ", 1]", "h", expression));
                case CONDITION -> builder.condition("", expression);
                case VALUE -> builder.object("", expression, ExpressionKind.VALUE);
                case ELEMENTS -> builder.elements("", expression);
            };
            set = builder.build();
        }

        private static Map<String, String> ordered(String... pairs) {
            var map = new LinkedHashMap<String, String>();
            for (int i = 0; i < pairs.length; i += 2) {
                map.put(pairs[i], pairs[i + 1]);
            }
            return map;
        }

        /** The value's text, or what failed. */
        String evaluate(EventView event) {
            try (var evaluated = set.over(event)) {
                return switch (handle) {
                    case ExpressionSet.Handle.Json json -> new String(evaluated.json(json), UTF_8);
                    case ExpressionSet.Handle.Condition condition -> String.valueOf(evaluated.test(condition));
                    case ExpressionSet.Handle.Value value -> String.valueOf(evaluated.value(value));
                    case ExpressionSet.Handle.Elements elements -> texts(evaluated.elements(elements));
                };
            } catch (TransformException e) {
                return "failed: " + e.getMessage();
            }
        }

        private static String texts(List<byte[]> elements) {
            return elements.stream().map(element -> new String(element, UTF_8)).collect(Collectors.joining("; "));
        }
    }
}
