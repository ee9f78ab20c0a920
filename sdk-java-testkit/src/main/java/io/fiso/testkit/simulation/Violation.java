// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/** A guarantee did not hold. */
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;
    private final String guarantee;

    Violation(String guarantee, String found) {
        super(guarantee + ": " + found);
        this.guarantee = guarantee;
    }

    /** The guarantee that did not hold: {@code D4}. */
    public String guarantee() {
        return guarantee;
    }
}
