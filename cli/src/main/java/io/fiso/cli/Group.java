// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * A command that only has others below it.
 *
 * @param command the annotated object that describes it
 * @param verbs what is below, by name
 */
record Group(Host host, Object command, Map<String, Function<Host, Object>> verbs) {
    CommandLine commandLine() {
        CommandLine line = new CommandLine(command);
        verbs.forEach((name, verb) -> line.addSubcommand(name, verb.apply(host)));
        return line;
    }
}
