// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Terminal;
import java.io.Console;
import java.util.Locale;
import picocli.CommandLine.Option;

/** What cannot be undone takes a yes: asked for on a terminal, given with --yes elsewhere. */
final class Confirmation {
    @Option(names = "--yes", description = "Do not ask")
    boolean yes;

    /**
     * @param area the first part of the error's code
     * @param asked what is to be done: {@code discard 3 dead letters}
     * @throws CommandException exit code 2, without a yes
     */
    void require(Terminal terminal, String area, String asked) {
        if (yes) {
            return;
        }
        Console console = terminal.interactive() ? System.console() : null;
        if (console == null) {
            throw new CommandException(
                    Failure.invalid(area + ".not_confirmed", "it takes a yes to " + asked, "add --yes"));
        }
        String said = console.readLine("%s? [y/N] ", asked);
        if (said == null || !said.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new CommandException(Failure.invalid(area + ".not_confirmed", "nothing was done", ""));
        }
    }
}
