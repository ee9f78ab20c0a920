// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The compiled code and the interpreter agree: on every value, and on every error's words. {@code -Dfiso.transform.pairs=} says how many pairs of an
 * expression and a document are tried, {@code -Dfiso.transform.seed=} where they start.
 */
class DifferentialTest {
    private static final int PAIRS = Integer.getInteger("fiso.transform.pairs", 100_000);
    private static final InstantSource CLOCK = () -> Instant.EPOCH;
    private static final int DOCUMENTS = 50;

    /** Of what is tried, at least so much must be compiled, and not be left to the interpreter. */
    private static final double COMPILED = 0.9;

    private int evaluations;
    private int fellBack;
    private int expressions;
    private int interpreted;

    @Test
    void compiledAndInterpretedEvaluationAgree() throws Exception {
        long first = Long.getLong("fiso.transform.seed", 1);
        System.out.println("seeds " + first + " on, " + PAIRS + " pairs");
        long seed = first;
        while (evaluations < PAIRS) {
            compare(seed++);
        }
        System.out.printf(
                "%d expressions, %d of them interpreted; %d evaluations, %d of them fell back%n",
                expressions, interpreted, evaluations, fellBack);
        assertThat(1 - (double) interpreted / expressions)
                .as("share of expressions that are compiled")
                .isGreaterThan(COMPILED);
    }

    private void compare(long seed) throws TransformException {
        var random = new SplittableRandom(seed);
        var generator = new RandomExpressions(random);
        var kind = Kind.values()[random.nextInt(Kind.values().length)];
        var expression = switch (kind) {
            case JSON, VALUE -> generator.next();
            case CONDITION -> generator.condition();
            case ELEMENTS -> generator.list();
        };
        Pair pair;
        try {
            pair = new Pair(kind, expression);
        } catch (InvalidExpressionException _) {
            return;
        }
        expressions++;
        interpreted += pair.compiled.set.interpreted().size();
        var documents = new RandomDocuments(random);
        for (int i = 0; i < DOCUMENTS; i++) {
            var document = documents.next();
            evaluations++;
            var event = TransformTest.event(document);
            assertThat(pair.compiled.evaluate(event))
                    .as("seed %d: %s %s over %s", seed, kind, expression, document)
                    .isEqualTo(pair.interpreted.evaluate(event));
        }
        fellBack += (int) pair.compiled.set.fallbacks();
    }

    private enum Kind {
        JSON,
        CONDITION,
        VALUE,
        ELEMENTS
    }

    /** The same expression, both ways. */
    private static final class Pair {
        final Side compiled;
        final Side interpreted;

        Pair(Kind kind, String expression) throws InvalidExpressionException {
            compiled = new Side(kind, expression, ExpressionSet.builder(Limits.DEFAULT, CLOCK));
            interpreted = new Side(
                    kind,
                    expression,
                    ExpressionSet.builder(Limits.DEFAULT, CLOCK).interpretedOnly());
        }
    }

    private static final class Side {
        final ExpressionSet set;
        private final ExpressionSet.Handle handle;

        Side(Kind kind, String expression, ExpressionSet.Builder builder) throws InvalidExpressionException {
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
            var map = new java.util.LinkedHashMap<String, String>();
            for (int i = 0; i < pairs.length; i += 2) {
                map.put(pairs[i], pairs[i + 1]);
            }
            return map;
        }

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
            return new ArrayList<>(elements)
                    .stream().map(element -> new String(element, UTF_8)).collect(Collectors.joining("; "));
        }
    }
}
