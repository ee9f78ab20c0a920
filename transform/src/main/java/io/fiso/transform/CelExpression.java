// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.LimitExceeded;
import org.jspecify.annotations.Nullable;

/** An expression interpreted by cel-java. */
final class CelExpression implements Expression {
    private final Evaluation evaluation;
    private final NeededPaths needed = new NeededPaths();
    private final JsonFormat json;
    private final Limits limits;

    private CelExpression(Evaluation evaluation, Limits limits) {
        this.evaluation = evaluation;
        this.limits = limits;
        this.json = new JsonFormat(limits.maxDepth());
        evaluation.need(needed);
    }

    static CelExpression compile(String expression, Limits limits) throws InvalidExpressionException {
        return new CelExpression(Evaluation.of("", expression), limits);
    }

    @Override
    public byte[] evaluate(EventView event) throws TransformException {
        var scope = new Scope(event, json, needed, limits);
        var out = new JsonOutput(limits.maxOutputBytes());
        try {
            json.write(out, evaluation.evaluate(scope), scope.digits, 1);
        } catch (LimitExceeded e) {
            throw new TransformException(e.getMessage(), e);
        }
        return out.toByteArray();
    }

    @Override
    public boolean test(EventView event) throws TransformException {
        @Nullable Object value;
        try {
            value = evaluation.evaluate(new Scope(event, json, needed, limits));
        } catch (LimitExceeded e) {
            throw new TransformException(e.getMessage(), e);
        }
        if (value instanceof Boolean decision) {
            return decision;
        }
        throw new TransformException("the expression must be true or false, and is "
                + (value == null ? "null" : "a " + value.getClass().getSimpleName()));
    }
}
