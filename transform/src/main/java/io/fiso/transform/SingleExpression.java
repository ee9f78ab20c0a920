// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

/**
 * An expression on its own, for its value and for its decision.
 *
 * @param values a set of the value alone
 * @param decisions a set of the decision alone
 */
record SingleExpression(
        ExpressionSet values,
        ExpressionSet.Handle.Json value,
        ExpressionSet decisions,
        ExpressionSet.Handle.Condition decision)
        implements Expression {
    static SingleExpression compile(String expression, Limits limits) throws InvalidExpressionException {
        var values = ExpressionSet.builder(limits);
        var value = values.value("", expression);
        var decisions = ExpressionSet.builder(limits);
        var decision = decisions.condition("", expression);
        return new SingleExpression(values.build(), value, decisions.build(), decision);
    }

    @Override
    public byte[] evaluate(EventView event) throws TransformException {
        try (var evaluated = values.over(event)) {
            return evaluated.json(value);
        }
    }

    @Override
    public boolean test(EventView event) throws TransformException {
        try (var evaluated = decisions.over(event)) {
            return evaluated.test(decision);
        }
    }
}
