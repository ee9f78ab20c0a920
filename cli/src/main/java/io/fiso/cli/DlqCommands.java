// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

/** What a pipeline gave up on. */
final class DlqCommands {
    private DlqCommands() {}

    static Group group(Host host) {
        return new Group(host, "dlq", "What a pipeline gave up on, and giving it in again")
                .verb("list", DlqListCommand::new)
                .verb("show", DlqShowCommand::new)
                .verb("replay", DlqReplayCommand::new)
                .verb("discard", DlqDiscardCommand::new);
    }
}
