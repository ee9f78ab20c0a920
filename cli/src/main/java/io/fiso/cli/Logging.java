// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What libraries log is no part of a command's output: only what is badly wrong reaches stderr, unless asked. */
final class Logging {
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger ROOT = Logger.getLogger("");

    private Logging() {}

    static void configure() {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tT.%1$tL %4$s %3$s: %5$s%n");
        level("OFF");
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
