// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Terminal;
import io.fiso.pipeline.Problem;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunError;
import io.fiso.proto.control.v1.RunState;
import java.util.List;

/** What is said of a run that has ended, and the exit code of whoever followed it. */
final class RunConclusion {
    private RunConclusion() {}

    static Answer of(Run run, Terminal terminal) {
        String summary = RunText.state(run) + " " + run.getPipeline() + " after "
                + Durations.show(RunText.duration(run)) + ": " + RunText.sum(run);
        String text = "\n" + RunText.paint(terminal.style(), run)
                + summary.substring(RunText.state(run).length())
                + RunText.sums(run).substring(RunText.sum(run).length())
                + (run.getReason().isEmpty() ? "" : "\n" + run.getReason()) + "\n\n" + RunText.counts(run, terminal);
        if (run.getState() == RunState.RUN_STATE_COMPLETED || run.getState() == RunState.RUN_STATE_STOPPED) {
            String left = run.getInFlight() == 0
                    ? ""
                    : "\n\n" + PipelineFile.count(run.getInFlight(), "event")
                            + " had not settled in time; the next run sees them again";
            return Answer.ok(summary, RunText.data(run), text + left);
        }
        return Answer.failed(failure(run), RunText.data(run), text);
    }

    private static Failure failure(Run run) {
        RunError error = run.getFirstError();
        String code = error.getCode().isEmpty() ? "run.failed" : error.getCode();
        String message = error.getMessage().isEmpty()
                ? run.getReason().isEmpty() ? "the run ended in state " + RunText.state(run) : run.getReason()
                : error.getMessage();
        String subject = error.getComponent().isEmpty() ? "" : "component \"" + error.getComponent() + "\": ";
        List<String> lastLines = RunText.components(run).stream()
                .filter(c -> c.getComponent().equals(error.getComponent()))
                .flatMap(c -> c.getLastStderrList().stream())
                .toList();
        String remedy =
                (lastLines.isEmpty() ? "" : "its last lines on stderr:\n  " + String.join("\n  ", lastLines) + "\n")
                        + "\"fisoctl logs " + run.getPipeline() + "\" shows more";
        return new Failure(code, Problem.Owner.EXTERNAL, ExitCode.FAILED, subject + message, remedy, List.of());
    }
}
