// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a developer's machine may lack. */
@Command(name = "dev", description = "Stand-ins for what a laptop lacks: a Kafka broker, an HTTP endpoint")
final class DevCommands implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help")
    private boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static Group group(Host host) {
        return new Group(
                host, new DevCommands(), Map.of("http-echo", HttpEchoCommand::new, "kafka", DevKafkaCommand::new));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "\"dev\" needs to know what: kafka or http-echo");
    }
}
