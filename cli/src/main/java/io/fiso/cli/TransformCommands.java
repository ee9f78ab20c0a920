// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Transforms without a pipeline around them. */
@Command(name = "transform", description = "Try the transform of a pipeline file on an event: transform test")
final class TransformCommands implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help")
    private boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static Group group(Host host) {
        return new Group(host, new TransformCommands(), java.util.Map.of("test", TransformTestCommand::new));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "\"transform\" needs to know what: test");
    }
}
