// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.controlplane.ControlFile;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How what runs is doing. */
@Command(
        name = "status",
        description = "Show every active run on this machine: health, progress, what holds it; and its broker")
final class StatusCommand extends Verb {
    @Parameters(arity = "0..1", paramLabel = "RUN|PIPELINE", description = "Only this one, ended or not")
    @Nullable
    String wanted;

    StatusCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException {
        KnownRuns known = new KnownRuns(host);
        List<Run> runs = wanted == null ? known.notEnded() : List.of(known.find(wanted));
        String summary = wanted == null ? PipelineFile.count(runs.size(), "active run") : describe(runs.getFirst());
        String text = runs.isEmpty()
                ? "nothing runs; \"fisoctl pipelines runs\" shows what did"
                : runs.stream().map(this::text).collect(Collectors.joining("\n\n"));
        LocalBroker local = new LocalBroker(host);
        Optional<RunningBroker> broker = local.find();
        Optional<ControlFile> server = ControlFile.findLive(ControlPlaneConfig.serverDirectory(host.stateHome()));
        return Answer.ok(
                summary,
                Format.map(
                        "runs",
                        runs.stream().map(RunText::data).toList(),
                        "broker",
                        broker.map(found -> data(found, local.directory())).orElse(null),
                        "server",
                        server.map(StatusCommand::data).orElse(null)),
                text
                        + server.map(found -> "\n\nServer at " + found.grpcAddress() + ", process " + found.pid())
                                .orElse("")
                        + broker.map(found -> "\n\n" + text(found, local.directory()))
                                .orElse(""));
    }

    private static Map<String, @Nullable Object> data(ControlFile server) {
        return Format.map("grpcPort", server.grpcPort(), "httpPort", server.httpPort(), "pid", server.pid());
    }

    private static Map<String, @Nullable Object> data(RunningBroker broker, Path directory) {
        return Format.map(
                "grpcPort",
                broker.grpcPort(),
                "httpPort",
                broker.httpPort(),
                "pid",
                broker.pid(),
                "directory",
                directory.toString());
    }

    private static String text(RunningBroker broker, Path directory) {
        return "Broker at " + broker.address() + ", process " + broker.pid() + ", data in " + directory;
    }

    private static String describe(Run run) {
        return RunText.state(run) + " " + run.getPipeline() + ": " + RunText.sum(run);
    }

    private String text(Run run) {
        return RunText.paint(terminal().style(), run) + " " + terminal().style().bold(run.getPipeline()) + "  run "
                + run.getId() + "  for " + Durations.show(RunText.duration(run))
                + (run.getReason().isEmpty() ? "" : "\n" + run.getReason()) + "\n" + RunText.sums(run) + "\n\n"
                + RunText.board(run).render(terminal().width()) + "\n\n" + RunText.counts(run, terminal());
    }
}
