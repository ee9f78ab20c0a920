// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.Limits;
import io.fiso.transform.Transform;

/** Who does the mapping. */
public enum Peer {
    /** This engine, with its limits and its checks, as cel-processor uses it. */
    FISO {
        @Override
        Mapping mapping(Case example) throws InvalidExpressionException {
            return Transform.compile(example.fields(), Limits.DEFAULT)::apply;
        }
    },
    /** Jackson into maps and lists, cel-java's standard runtime per field, Jackson out. */
    CEL_STANDARD {
        @Override
        Mapping mapping(Case example) throws Exception {
            return CelJava.onStandardRuntime(example.fields());
        }
    },
    /** The same on cel-java's planner runtime. */
    CEL_PLANNER {
        @Override
        Mapping mapping(Case example) throws Exception {
            return CelJava.onPlannerRuntime(example.fields());
        }
    },
    /** The floor: Java that somebody wrote for this very case, over Jackson's tree. */
    BY_HAND {
        @Override
        Mapping mapping(Case example) {
            return new ByHand(example.byHand());
        }
    };

    abstract Mapping mapping(Case example) throws Exception;
}
