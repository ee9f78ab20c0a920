// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The compiled code and the interpreter agree: on every value, and on every error's words. {@code -Dfiso.transform.pairs=} says how many pairs of an
 * expression and a document are tried, {@code -Dfiso.transform.seed=} where they start.
 */
class DifferentialTest {
    private static final int PAIRS = Integer.getInteger("fiso.transform.pairs", 100_000);
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
        var kind = BothEngines.Kind.values()[random.nextInt(BothEngines.Kind.values().length)];
        var expression = switch (kind) {
            case JSON, VALUE -> generator.next();
            case CONDITION -> generator.condition();
            case ELEMENTS -> generator.list();
        };
        BothEngines pair;
        try {
            pair = new BothEngines(kind, expression, Limits.DEFAULT);
        } catch (InvalidExpressionException _) {
            return;
        }
        expressions++;
        interpreted += pair.compiled().set.interpreted().size();
        var documents = new RandomDocuments(random);
        for (int i = 0; i < DOCUMENTS; i++) {
            var document = documents.next();
            evaluations++;
            var event = TransformTest.event(document);
            assertThat(pair.compiled().evaluate(event))
                    .as("seed %d: %s %s over %s", seed, kind, expression, document)
                    .isEqualTo(pair.interpreted().evaluate(event));
        }
        fellBack += (int) pair.compiled().set.fallbacks();
    }
}
