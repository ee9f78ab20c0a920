// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

/** The compiled code gives up on this expression for this event; the interpreter takes over. Thrown often at worst, so it has no stack. */
public final class Trap extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final Trap TRAP = new Trap();

    private Trap() {
        super("the compiled code gives up", null, false, false);
    }
}
