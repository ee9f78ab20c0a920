// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

final class CelExpression {
    private CelExpression() {}

    static Expression compile(String expression, Limits limits) throws InvalidExpressionException {
        throw new UnsupportedOperationException("not here yet");
    }
}
