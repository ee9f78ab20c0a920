// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Style;
import io.fiso.cli.output.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a command sees of the machine.
 *
 * @param variables the environment
 */
public record Host(Map<String, String> variables, Terminal terminal) {
    private static final int FALLBACK_WIDTH = 100;

    /** This process's. */
    public static Host system() {
        Map<String, String> variables = System.getenv();
        boolean dumb = "dumb".equals(variables.get("TERM"));
        boolean errIsTerminal = isTerminal(2) && !dumb;
        boolean color = errIsTerminal
                && isTerminal(1)
                && variables.getOrDefault("NO_COLOR", "").isEmpty();
        int width = errIsTerminal || isTerminal(1) ? width(variables) : Terminal.UNLIMITED_WIDTH;
        return new Host(
                variables,
                new Terminal(System.out, System.err, errIsTerminal, width, color ? Style.COLOR : Style.PLAIN));
    }

    /** A value that is set and not empty. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
    }

    /** The distribution. */
    public Path fisoHome() {
        return Optional.ofNullable(System.getProperty("fiso.home"))
                .or(() -> variable("FISO_HOME"))
                .map(Path::of)
                .orElseThrow(() -> new CommandException(Failure.environment(
                        "env.no_home",
                        "FISO_HOME is not set, so the components cannot be found",
                        "start fisoctl by its script bin/fisoctl, or set FISO_HOME to the distribution's directory")));
    }

    /** Where state is kept. */
    public Path stateHome() {
        return variable("FISO_STATE_HOME")
                .map(Path::of)
                .orElseGet(() -> variable("XDG_STATE_HOME")
                        .map(Path::of)
                        .orElseGet(() -> userHome().resolve(".local/state"))
                        .resolve("fiso"))
                .toAbsolutePath();
    }

    /** Where what can be made again is kept. */
    public Path cacheHome() {
        return variable("XDG_CACHE_HOME")
                .map(Path::of)
                .orElseGet(() -> userHome().resolve(".cache"))
                .resolve("fiso")
                .toAbsolutePath();
    }

    private Path userHome() {
        return Path.of(variable("HOME").orElse(System.getProperty("user.home")));
    }

    /** On Linux the descriptor says it, for each stream; elsewhere the JVM knows it for both together. */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (Files.isSymbolicLink(link)) {
            try {
                String target = Files.readSymbolicLink(link).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            } catch (java.io.IOException _) {
                return false;
            }
        }
        return System.console() != null && System.console().isTerminal();
    }

    private static int width(Map<String, String> variables) {
        try {
            return Math.max(40, Integer.parseInt(variables.getOrDefault("COLUMNS", "")));
        } catch (NumberFormatException _) {
            return FALLBACK_WIDTH;
        }
    }
}
