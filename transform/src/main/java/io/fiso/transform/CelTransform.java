// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

final class CelTransform {
    private CelTransform() {}

    static Transform compile(java.util.Map<String, String> fields, Limits limits) throws InvalidExpressionException {
        throw new UnsupportedOperationException("not here yet");
    }
}
