// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Checked expressions as JVM code. {@link io.fiso.transform.compiled.Lowering} turns cel-java's tree into {@link io.fiso.transform.compiled.Node}s or
 * says why it cannot, {@link io.fiso.transform.compiled.Emitter} turns those into one class whose methods work on the registers of a {@link
 * io.fiso.transform.compiled.Frame}. The code covers what goes well: where an evaluation fails or meets what it was not made for, it gives up ({@link
 * io.fiso.transform.compiled.Trap}) and the interpreter evaluates that expression again, so that errors and rare cases have one definition.
 */
@NullMarked
package io.fiso.transform.compiled;

import org.jspecify.annotations.NullMarked;
