// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Follows a run as the terminal that started it would. */
@Command(
        name = "attach",
        description =
                "Follow a run that is active, as \"fisoctl run\" shows it; Ctrl-C ends the following, not the run")
final class AttachCommand extends Verb {
    @Parameters(paramLabel = "RUN|PIPELINE", description = "A run's id or its beginning, or a pipeline")
    @Nullable
    String wanted;

    AttachCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        Run run = new KnownRuns(host).find(Objects.requireNonNull(wanted));
        if (RunText.isFinal(run)) {
            return RunConclusion.of(run, terminal());
        }
        return new ServedRun(host, common.format).follow(run, true);
    }
}
