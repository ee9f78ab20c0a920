// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.fiso.transform.bounds.Effort;
import io.fiso.transform.bounds.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at every step of the interpreter, for the time it takes and for what it builds. */
final class Watch implements CelEvaluationListener {
    /** What macros call a loop's result. No expression can be written that names it. */
    private static final String ACCUMULATED = "@result";

    private final Effort effort;

    private Watch(Effort effort) {
        this.effort = effort;
    }

    static Object evaluate(CelRuntime.Program program, CelVariableResolver variables, Effort effort)
            throws CelEvaluationException {
        return effort.during(() -> program.trace(variables, new Watch(effort)));
    }

    @Override
    public void callback(CelExpr step, @Nullable Object value) {
        if (step.getKind() == ExprKind.Kind.CALL) {
            // Which may have taken long, whatever it answers.
            effort.checkTime();
        } else {
            effort.step();
        }
        if (value instanceof Number || value instanceof Boolean) {
            return;
        }
        switch (step.getKind()) {
            case LIST, MAP -> effort.builds(value);
            case CALL -> {
                if (appends(step.call(), value)) {
                    effort.takes(Weight.ELEMENT);
                } else if (Effort.builds(step.call().function())) {
                    effort.builds(value);
                }
            }
            default -> {
                // What exists already.
            }
        }
    }

    /** Whether this is a loop that adds an element to its list, which is not copied for that. */
    private static boolean appends(CelExpr.CelCall call, @Nullable Object value) {
        return value instanceof List
                && call.function().equals("_+_")
                && call.args().getFirst().getKind() == ExprKind.Kind.IDENT
                && call.args().getFirst().ident().name().equals(ACCUMULATED);
    }
}
