// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import io.fiso.transform.bounds.BoundedFunctions;
import io.fiso.transform.bounds.Effort;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bindings that may answer one call, of which the arguments choose. */
final class CallSite {
    private final List<CelFunctionBinding> candidates;

    /** Whether they may look for the event's effort. */
    private final boolean bounded;

    private final boolean builds;

    CallSite(String function, List<CelFunctionBinding> candidates) {
        this.candidates = List.copyOf(candidates);
        this.bounded = candidates.stream().anyMatch(each -> BoundedFunctions.contains(each.getOverloadId()));
        this.builds = Effort.builds(function);
    }

    /** @return null if the call fails: no binding takes these, or the one that does throws */
    @Nullable
    Object call(Effort effort, Object... arguments) {
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
        var definition = chosen;
        Object answer;
        try {
            answer = bounded ? effort.during(() -> definition.apply(arguments)) : definition.apply(arguments);
        } catch (CelEvaluationException | RuntimeException _) {
            return null;
        }
        if (builds && !(answer instanceof Number || answer instanceof Boolean)) {
            effort.builds(answer);
        }
        return answer;
    }

    /** Calls with the same candidates are the same call. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallSite that && candidates.equals(that.candidates) && builds == that.builds;
    }

    @Override
    public int hashCode() {
        return candidates.hashCode();
    }
}
