// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

import java.io.PrintStream;

/**
 * Where a command writes. Results go to {@code out}; what it tells on the way, and errors in text, to {@code err}.
 *
 * @param interactive a person watches {@code err}: lines may be rewritten
 * @param width columns that fit
 */
public record Terminal(PrintStream out, PrintStream err, boolean interactive, int width, Style style) {
    /** Nothing is cut off where nobody's window is. */
    public static final int UNLIMITED_WIDTH = 1000;
}
