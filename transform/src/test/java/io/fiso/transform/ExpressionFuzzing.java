// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.transform.BothEngines.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * What a fuzzer calls: the first byte says what the expression is for, and whether the others are the choices by which {@link RandomExpressions} and {@link
 * RandomDocuments} make one, or an expression and a document as they are, with the byte 0 between them.
 */
public final class ExpressionFuzzing {
    private static final Limits LIMITS = Limits.DEFAULT.withTimeout(Duration.ofMillis(500));

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int DOCUMENTS = 4;

    private ExpressionFuzzing() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var kind = Kind.values()[(input[0] >> 1 & 3) % Kind.values().length];
        if ((input[0] & 1) == 0) {
            var choices = new Choices(input);
            var generator = new RandomExpressions(choices);
            var expression = switch (kind) {
                case JSON, VALUE -> generator.next();
                case CONDITION -> generator.condition();
                case ELEMENTS -> generator.list();
            };
            var documents = new RandomDocuments(choices);
            var texts = new byte[DOCUMENTS][];
            Arrays.setAll(texts, _ -> documents.next().getBytes(UTF_8));
            compare(kind, expression, texts);
        } else {
            int end = 1;
            while (end < input.length && input[end] != 0) {
                end++;
            }
            compare(
                    kind,
                    new String(input, 1, end - 1, UTF_8),
                    Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length));
        }
    }

    private static void compare(Kind kind, String expression, byte[]... documents) {
        long start = System.nanoTime();
        BothEngines both;
        try {
            both = new BothEngines(kind, expression, LIMITS);
        } catch (InvalidExpressionException _) {
            return;
        }
        for (var document : documents) {
            var event = TransformTest.event(document);
            var compiled = both.compiled().evaluate(event);
            var interpreted = both.interpreted().evaluate(event);
            // Compiled code needs less of both, and may arrive where the interpreter does not.
            if (!compiled.equals(interpreted) && !isLimit(interpreted) && !isLate(compiled)) {
                throw new AssertionError(kind + " " + expression + " over " + new String(document, ISO_8859_1) + ": "
                        + compiled + " and not " + interpreted);
            }
        }
        if (System.nanoTime() - start > LONGEST.toNanos()) {
            throw new AssertionError(
                    kind + " " + expression + " took " + (System.nanoTime() - start) / 1_000_000 + " ms");
        }
    }

    private static boolean isLimit(String answer) {
        return isLate(answer) || answer.startsWith("failed: ") && answer.contains("the expressions build more than");
    }

    /** The machine may be busy with other things, for either. */
    private static boolean isLate(String answer) {
        return answer.startsWith("failed: ") && answer.contains("the expressions took longer than");
    }

    /** Each choice is a byte of the input; behind its end, the first of what there is to choose from. */
    private static final class Choices implements RandomGenerator {
        private final byte[] input;
        private int at = 1;

        Choices(byte[] input) {
            this.input = input;
        }

        @Override
        public long nextLong() {
            return at < input.length ? input[at++] & 0xff : 0;
        }

        @Override
        public int nextInt(int bound) {
            return (int) (nextLong() % bound);
        }

        @Override
        public int nextInt(int origin, int bound) {
            return origin + nextInt(bound - origin);
        }

        @Override
        public boolean nextBoolean() {
            return (nextLong() & 1) == 0;
        }
    }
}
