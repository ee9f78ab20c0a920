// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Optional;

/**
 * One mistake in an expression.
 *
 * @param field the output field, or other setting, whose expression it is; empty for a single expression
 * @param code stable: {@code cel.syntax}, {@code cel.undeclared_reference}, {@code cel.no_matching_overload}, {@code cel.type},
 *     {@code cel.unquoted_text}, {@code cel.changing_identity}, {@code cel.same_uuid}
 * @param line in the expression, from 1
 * @param column in that line, from 1, in code points
 * @param message what was found
 * @param suggestion what was probably meant, ready to be put in the expression
 */
public record ExpressionProblem(
        String field, String code, int line, int column, String message, Optional<String> suggestion) {
    @Override
    public String toString() {
        return (field.isEmpty() ? "" : "\"" + field + "\", ") + line + ":" + column + ": " + message
                + suggestion.map(s -> "; did you mean " + s + "?").orElse("");
    }
}
