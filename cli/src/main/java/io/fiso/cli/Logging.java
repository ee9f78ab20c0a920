// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What libraries log is no part of a command's output: only what is badly wrong reaches stderr, unless asked. */
final class Logging {
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger OWN = Logger.getLogger("io.fiso");

    private Logging() {}

    static void configure() {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tT.%1$tL %4$s %3$s: %5$s%n");
        level("OFF");
    }

    /**
     * What the user asked for.
     *
     * @param ownOnly whether of libraries only warnings are shown
     * @throws CommandException if there is no such level
     */
    static void wanted(String name, boolean ownOnly) {
        try {
            Level level = Level.parse(name.toUpperCase(java.util.Locale.ROOT));
            level(level.getName());
            if (ownOnly && level.intValue() < Level.WARNING.intValue()) {
                ROOT.setLevel(Level.WARNING);
                OWN.setLevel(level);
            }
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    Failure.invalid(
                            "cli.usage", "\"" + name + "\" is no log level", "use OFF, SEVERE, WARNING, INFO or FINE"),
                    e);
        }
    }

    /** Shows what is at least of this level: OFF, SEVERE, WARNING, INFO, FINE. */
    static void level(String name) {
        Level level = Level.parse(name);
        ROOT.setLevel(level);
        for (Handler handler : ROOT.getHandlers()) {
            handler.setLevel(level);
        }
    }
}
