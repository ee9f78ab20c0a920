// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

/** The compiler does not cover an expression; the message says what in it. */
final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return java.util.Objects.requireNonNull(super.getMessage());
    }
}
