// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;

/** A single expression. Thread-safe. */
public interface Expression {
    /** The result as JSON text. */
    byte[] evaluate(EventView event) throws TransformException;

    /** The result of an expression that decides; anything but true or false is an error. */
    boolean test(EventView event) throws TransformException;

    static Expression compile(String expression, Limits limits) throws InvalidExpressionException {
        return SingleExpression.compile(expression, limits);
    }

    /** The mistakes that make it impossible that it is of that kind; empty if there are none. */
    static List<ExpressionProblem> check(String expression, ExpressionKind kind) {
        try {
            Evaluation.check("", expression, kind);
            return List.of();
        } catch (InvalidExpressionException e) {
            return e.problems();
        }
    }
}
