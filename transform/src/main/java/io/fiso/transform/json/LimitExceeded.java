// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

/** Leaves a library's call stack when a bound of the limits is hit. */
public final class LimitExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LimitExceeded(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return java.util.Objects.requireNonNull(super.getMessage());
    }
}
