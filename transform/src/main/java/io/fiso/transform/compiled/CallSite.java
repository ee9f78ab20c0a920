// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bindings that may answer one call, of which the arguments choose. */
final class CallSite {
    private final List<CelFunctionBinding> candidates;

    CallSite(List<CelFunctionBinding> candidates) {
        this.candidates = List.copyOf(candidates);
    }

    /** @return null if the call fails: no binding takes these, or the one that does throws */
    @Nullable
    Object call(Object... arguments) {
        CelFunctionOverload chosen = null;
        for (var candidate : candidates) {
            if (CelFunctionOverload.canHandle(arguments, candidate.getArgTypes(), candidate.isStrict())) {
                if (chosen != null) {
                    return null;
                }
                chosen = candidate.getDefinition();
            }
        }
        if (chosen == null) {
            return null;
        }
        try {
            return chosen.apply(arguments);
        } catch (CelEvaluationException | RuntimeException _) {
            return null;
        }
    }

    /** Calls with the same candidates are the same call. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallSite that && candidates.equals(that.candidates);
    }

    @Override
    public int hashCode() {
        return candidates.hashCode();
    }
}
