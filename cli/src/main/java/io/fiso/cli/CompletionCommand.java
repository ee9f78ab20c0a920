// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** For shells. */
@Command(name = "completion", description = "Print a completion script for bash and zsh: source <(fisoctl completion)")
final class CompletionCommand extends Verb {
    CompletionCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() {
        String script = AutoComplete.bash("fisoctl", spec.root().commandLine());
        return Answer.ok("completion script", Format.map("script", script), script);
    }
}
