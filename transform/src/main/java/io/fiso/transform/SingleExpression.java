// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

/** An expression on its own, for its value and for its decision: which of the two it is shows when it is asked. */
record SingleExpression(ExpressionSet set, ExpressionSet.Handle.Json value, ExpressionSet.Handle.Condition decision)
        implements Expression {
    static SingleExpression compile(String expression, Limits limits) throws InvalidExpressionException {
        var builder = ExpressionSet.builder(limits);
        var value = builder.value("", expression);
        var decision = builder.unchecked(expression);
        return new SingleExpression(builder.build(), value, decision);
    }

    @Override
    public byte[] evaluate(EventView event) throws TransformException {
        try (var evaluated = set.over(event)) {
            return evaluated.json(value);
        }
    }

    @Override
    public boolean test(EventView event) throws TransformException {
        try (var evaluated = set.over(event)) {
            return evaluated.test(decision);
        }
    }
}
