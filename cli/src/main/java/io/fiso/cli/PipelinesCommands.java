// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pipelines and their runs on this machine. */
final class PipelinesCommands {
    private PipelinesCommands() {}

    static Group group(Host host) {
        return new Group(host, "pipelines", "Pipelines and their runs")
                .verb("list", Pipelines::new)
                .verb("runs", Runs::new)
                .verb("run-info", RunInfo::new)
                .verb("active", Active::new)
                .verb("stop", Stop::new)
                .verb("pause", Pause::new)
                .verb("resume", Resume::new);
    }

    @Command(name = "list", description = "Every pipeline that ran on this machine, with its newest run")
    static final class Pipelines extends Verb {
        Pipelines(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            Table table = new Table("PIPELINE", "RUNS", "NEWEST", "STATE", "DRIVER");
            List<Object> results = new ArrayList<>();
            for (String pipeline : known.pipelines()) {
                List<Run> runs = known.of(pipeline);
                if (runs.isEmpty()) {
                    continue;
                }
                Run newest = runs.getFirst();
                table.row(pipeline, runs.size(), newest.getId(), RunText.state(newest), newest.getDriver());
                results.add(Format.map("pipeline", pipeline, "runs", runs.size(), "newest", RunText.data(newest)));
            }
            return Answer.ok(
                    PipelineFile.count(results.size(), "pipeline"),
                    Format.map("pipelines", results),
                    table.isEmpty()
                            ? "no pipeline has run on this machine yet"
                            : table.render(terminal().width()));
        }
    }

    @Command(name = "runs", description = "The runs of one pipeline, or of all, newest first")
    static final class Runs extends Verb {
        @Parameters(arity = "0..1", paramLabel = "PIPELINE", description = "Only runs of this pipeline")
        @Nullable
        String pipeline;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "At most so many (default: 20)")
        int limit;

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description = "Only runs in this state: COMPLETED, FAILED, RUNNING, …")
        @Nullable
        String state;

        Runs(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            if (pipeline != null && !known.pipelines().contains(pipeline)) {
                known.find(pipeline);
            }
            List<Run> runs = (pipeline == null ? known.all() : known.of(pipeline))
                    .stream()
                            .filter(run -> state == null || RunText.state(run).equalsIgnoreCase(state))
                            .limit(limit)
                            .toList();
            return Answer.ok(
                    PipelineFile.count(runs.size(), "run"),
                    Format.map("runs", runs.stream().map(RunText::data).toList()),
                    runs.isEmpty()
                            ? "no runs"
                            : RunText.table(runs).render(terminal().width()));
        }
    }

    @Command(name = "run-info", description = "One run: how it went, exact counts, the first error")
    static final class RunInfo extends Verb {
        @Parameters(
                paramLabel = "RUN|PIPELINE",
                description = "A run's id or its beginning, or a pipeline (its newest run)")
        @Nullable
        String wanted;

        RunInfo(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            Run run = known.find(Objects.requireNonNull(wanted));
            String error = run.hasFirstError()
                    ? "\nfirst error  " + run.getFirstError().getComponent() + ": "
                            + run.getFirstError().getMessage() + " ["
                            + run.getFirstError().getCode() + "]"
                    : "";
            String text = terminal().style().bold(run.getPipeline()) + "  run " + run.getId() + "\nstate        "
                    + RunText.paint(terminal().style(), run)
                    + (run.getReason().isEmpty() ? "" : "  " + run.getReason()) + "\nstarted      "
                    + RunText.instant(run.getStartedAt()) + ", took " + Durations.show(RunText.duration(run))
                    + "\ncounts       " + RunText.sums(run) + error + "\nlogs         " + known.logs(run) + "\n\n"
                    + RunText.board(run).render(terminal().width()) + "\n\n" + RunText.counts(run, terminal());
            return Answer.ok(
                    RunText.state(run) + " " + run.getPipeline() + ": " + RunText.sum(run), RunText.data(run), text);
        }
    }

    @Command(name = "active", description = "The runs that have not ended")
    static final class Active extends Verb {
        Active(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            List<Run> runs = new KnownRuns(host).notEnded();
            return Answer.ok(
                    PipelineFile.count(runs.size(), "active run"),
                    Format.map("runs", runs.stream().map(RunText::data).toList()),
                    runs.isEmpty()
                            ? "nothing runs"
                            : RunText.table(runs).render(terminal().width()));
        }
    }

    @Command(name = "stop", description = "Drain and stop a run: sources first, sinks last")
    static final class Stop extends Verb {
        @Parameters(paramLabel = "RUN|PIPELINE", description = "A run's id or its beginning, or a pipeline")
        @Nullable
        String wanted;

        @Option(
                names = "--grace",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long what is in flight may take to settle (default: the pipeline's drainTimeout)")
        @Nullable
        Duration grace;

        @Option(names = "--kill", description = "Do not drain")
        boolean kill;

        @Option(names = "--no-wait", description = "Do not wait for the end")
        boolean noWait;

        Stop(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            Run run = known.find(Objects.requireNonNull(wanted));
            try (ControlPlaneClient client = clientOf(known, run)) {
                Run last = client.stop(run.getId(), Optional.ofNullable(grace), kill);
                if (!noWait) {
                    last = client.awaitEnd(last);
                }
                String summary = RunText.state(last) + " " + last.getPipeline() + ": " + RunText.sum(last);
                return Answer.ok(summary, RunText.data(last), summary);
            }
        }
    }

    /** The control plane of an active run. */
    private static ControlPlaneClient clientOf(KnownRuns known, Run run) {
        if (RunText.isFinal(run)) {
            throw new CommandException(Failure.invalid(
                    "run.ended",
                    "run " + run.getId() + " of \"" + run.getPipeline() + "\" has ended already: " + RunText.state(run),
                    "\"fisoctl pipelines active\" shows what runs"));
        }
        return ControlPlaneClient.of(known.controlPlaneOf(run)
                .orElseThrow(() -> new CommandException(Failure.environment(
                        "controlplane.gone",
                        "the control plane of run " + run.getId() + " is gone",
                        "run the pipeline again, which takes over what still runs of it; then try again"))));
    }

    @Command(name = "pause", description = "Hold a run: its sources read nothing more and keep their place")
    static final class Pause extends Verb {
        @Parameters(paramLabel = "RUN|PIPELINE", description = "A run's id or its beginning, or a pipeline")
        @Nullable
        String wanted;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever looks at the status")
        String reason = "paused on request";

        Pause(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            Run run = known.find(Objects.requireNonNull(wanted));
            try (ControlPlaneClient client = clientOf(known, run)) {
                return answer(client.pause(run.getId(), reason));
            }
        }

        private static Answer answer(Run run) {
            String summary = RunText.state(run) + " " + run.getPipeline() + ": " + run.getReason();
            return Answer.ok(
                    summary,
                    RunText.data(run),
                    summary + "\n\"fisoctl pipelines resume " + run.getPipeline() + "\" lets it go on");
        }
    }

    @Command(
            name = "resume",
            description = "Let a held run go on, whether a person or its own error-rate breaker has paused it")
    static final class Resume extends Verb {
        @Parameters(paramLabel = "RUN|PIPELINE", description = "A run's id or its beginning, or a pipeline")
        @Nullable
        String wanted;

        Resume(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException {
            KnownRuns known = new KnownRuns(host);
            Run run = known.find(Objects.requireNonNull(wanted));
            try (ControlPlaneClient client = clientOf(known, run)) {
                Run resumed = client.resume(run.getId());
                String summary = RunText.state(resumed) + " " + resumed.getPipeline();
                return Answer.ok(summary, RunText.data(resumed), summary);
            }
        }
    }
}
