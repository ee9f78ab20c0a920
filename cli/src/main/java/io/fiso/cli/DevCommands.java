// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

/** What a developer's machine may lack. */
final class DevCommands {
    private DevCommands() {}

    static Group group(Host host) {
        return new Group(host, "dev", "Stand-ins for what a laptop lacks, a Kafka broker and an HTTP endpoint")
                .verb("kafka", DevKafkaCommand::new)
                .verb("http-echo", HttpEchoCommand::new);
    }
}
