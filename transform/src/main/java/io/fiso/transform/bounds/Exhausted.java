// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.bounds;

import java.util.Objects;

/**
 * An event's time or memory is used up. No exception, since those are values to cel-java: the other side of an {@code ||} makes them void, and a loop
 * goes on to its next turn.
 */
public final class Exhausted extends Error {
    private static final long serialVersionUID = 1;

    Exhausted(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
