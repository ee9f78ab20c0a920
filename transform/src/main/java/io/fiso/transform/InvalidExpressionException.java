// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;
import java.util.stream.Collectors;

/** Expressions that do not compile, with every problem found. */
public final class InvalidExpressionException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient List<ExpressionProblem> problems;

    public InvalidExpressionException(List<ExpressionProblem> problems) {
        super(problems.stream().map(ExpressionProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<ExpressionProblem> problems() {
        return problems;
    }
}
