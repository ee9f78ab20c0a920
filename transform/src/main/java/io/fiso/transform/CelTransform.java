// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.LimitExceeded;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A transform interpreted by cel-java. */
final class CelTransform implements Transform {
    private record Field(String name, Evaluation evaluation) {}

    private final List<Field> fields;
    private final NeededPaths needed = new NeededPaths();
    private final JsonFormat json;
    private final Limits limits;

    private CelTransform(List<Field> fields, Limits limits) {
        this.fields = List.copyOf(fields);
        this.limits = limits;
        this.json = new JsonFormat(limits.maxDepth());
        fields.forEach(f -> f.evaluation().need(needed));
    }

    static CelTransform compile(Map<String, String> expressions, Limits limits) throws InvalidExpressionException {
        var fields = new ArrayList<Field>();
        var problems = new ArrayList<ExpressionProblem>();
        expressions.forEach((name, expression) -> {
            try {
                fields.add(new Field(name, Evaluation.of(name, expression)));
            } catch (InvalidExpressionException e) {
                problems.addAll(e.problems());
            }
        });
        if (!problems.isEmpty()) {
            throw new InvalidExpressionException(problems);
        }
        return new CelTransform(fields, limits);
    }

    @Override
    public byte[] apply(EventView event) throws TransformException {
        var scope = new Scope(event, json, needed, limits);
        var out = new JsonOutput(limits.maxOutputBytes());
        out.raw((byte) '{');
        int start = out.size();
        for (var field : fields) {
            try {
                var value = field.evaluation().evaluate(scope);
                if (value instanceof Optional<?> optional && optional.isEmpty()) {
                    continue;
                }
                JsonFormat.name(out, start, field.name());
                json.write(out, value, scope.digits, 2);
            } catch (TransformException e) {
                throw new TransformException("field \"" + field.name() + "\": " + e.getMessage(), e);
            } catch (LimitExceeded e) {
                throw new TransformException("field \"" + field.name() + "\": " + e.getMessage(), e);
            }
        }
        try {
            out.raw((byte) '}');
        } catch (LimitExceeded e) {
            throw new TransformException(e.getMessage(), e);
        }
        return out.toByteArray();
    }
}
