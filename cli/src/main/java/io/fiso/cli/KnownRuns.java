// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.ControlFile;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.controlplane.ControlPlaneException;
import io.fiso.controlplane.RunHistory;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every run on this machine: of control planes that live, asked; of those that do not, read from what they kept. */
final class KnownRuns {
    private final Path stateHome;

    KnownRuns(Host host) {
        this.stateHome = host.stateHome();
    }

    /** The pipelines that ever ran here, by name. */
    List<String> pipelines() throws IOException {
        Path directory = stateHome.resolve("pipelines");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> homes = Files.list(directory)) {
            return homes.filter(Files::isDirectory)
                    .map(home -> home.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** The runs of one pipeline, newest first. */
    List<Run> of(String pipeline) {
        Path home = ControlPlaneConfig.pipelineDirectory(stateHome, pipeline);
        Optional<ControlFile> live = ControlFile.findLive(home);
        if (live.isPresent()) {
            return ask(
                    live.get(),
                    ListRunsRequest.newBuilder().setPipeline(pipeline).build());
        }
        try {
            boolean ofServer = ControlFile.findLeftByServer(home).isPresent();
            return RunHistory.read(home).stream()
                    .map(run -> alone(run, ofServer))
                    .toList();
        } catch (ControlPlaneException e) {
            throw ControlPlaneClient.failure(e);
        }
    }

    /** All of them, newest first. */
    List<Run> all() throws IOException {
        List<Run> runs = new ArrayList<>();
        for (String pipeline : pipelines()) {
            runs.addAll(of(pipeline));
        }
        runs.sort(Comparator.comparing((Run run) -> run.getStartedAt().getSeconds())
                .thenComparing(run -> run.getStartedAt().getNanos())
                .reversed());
        return runs;
    }

    /** The runs that a control plane serves. */
    List<Run> active() {
        return ControlFile.allLive(stateHome).stream()
                .flatMap(file ->
                        ask(file, ListRunsRequest.newBuilder().setActive(true).build()).stream())
                .toList();
    }

    /** The runs that have not ended: those that a control plane serves, and those whose control plane was killed. */
    List<Run> notEnded() throws IOException {
        List<Run> runs = new ArrayList<>(active());
        for (String pipeline : pipelines()) {
            Path home = ControlPlaneConfig.pipelineDirectory(stateHome, pipeline);
            // A control plane that ends takes its file with it; one that was killed leaves it.
            if (Files.exists(home.resolve(ControlFile.NAME))
                    && ControlFile.findLive(home).isEmpty()) {
                of(pipeline).stream().filter(run -> !run.hasEndedAt()).forEach(runs::add);
            }
        }
        return runs;
    }

    /** A run that nobody ended and nobody serves: what was kept of it is old, and its components may still work. */
    private static Run alone(Run run, boolean ofServer) {
        if (run.hasEndedAt()) {
            return run;
        }
        return run.toBuilder()
                .setState(RunState.RUN_STATE_DEGRADED)
                .setReason(
                        ofServer
                                ? "its server is gone: this is what it last kept, and its components may still run; \"fisoctl server\" takes them over"
                                : "its control plane is gone: this is what it last kept, and its components may still run; \"fisoctl run\" with "
                                        + "its file takes them over, else they drain and leave when their orphan grace is over")
                .build();
    }

    /** The sums of a run: of the control plane that serves its pipeline, else from what was kept. */
    AuditRunResponse audit(Run run) {
        Optional<ControlFile> live = controlPlaneOf(run);
        if (live.isPresent()) {
            try (ControlPlaneClient client = ControlPlaneClient.of(live.get())) {
                return client.audit(run.getId());
            }
        }
        try {
            return RunHistory.audit(ControlPlaneConfig.pipelineDirectory(stateHome, run.getPipeline()), run);
        } catch (ControlPlaneException e) {
            throw ControlPlaneClient.failure(e);
        }
    }

    private static List<Run> ask(ControlFile file, ListRunsRequest request) {
        try (ControlPlaneClient client = ControlPlaneClient.of(file)) {
            return client.list(request);
        }
    }

    /** By run id, a unique beginning of it, or a pipeline's name (its newest run). */
    Run find(String wanted) throws IOException {
        List<Run> all = all();
        Optional<Run> exact = all.stream()
                .filter(run -> run.getId().equals(wanted) || run.getPipeline().equals(wanted))
                .findFirst();
        if (exact.isPresent()) {
            return exact.get();
        }
        List<Run> byPrefix = all.stream()
                .filter(run -> wanted.length() >= 4 && run.getId().startsWith(wanted))
                .toList();
        if (byPrefix.size() == 1) {
            return byPrefix.getFirst();
        }
        List<String> nearest = Spelling.nearest(wanted, pipelines());
        throw new CommandException(Failure.invalid(
                byPrefix.isEmpty() ? "run.not_found" : "run.ambiguous",
                byPrefix.isEmpty()
                        ? "there is no run or pipeline \"" + wanted + "\" on this machine"
                        : byPrefix.size() + " runs begin with \"" + wanted + "\"",
                nearest.isEmpty()
                        ? "\"fisoctl pipelines runs\" shows the runs there are"
                        : "did you mean \"" + nearest.getFirst() + "\"?"));
    }

    /** The control plane that serves an active run. */
    Optional<ControlFile> controlPlaneOf(Run run) {
        return ControlFile.findLive(ControlPlaneConfig.pipelineDirectory(stateHome, run.getPipeline()));
    }

    /** Where a run keeps its logs. */
    Path logs(Run run) {
        return logs(stateHome, run);
    }

    static Path logs(Path stateHome, Run run) {
        return ControlPlaneConfig.pipelineDirectory(stateHome, run.getPipeline())
                .resolve("runs")
                .resolve(run.getId())
                .resolve("logs");
    }
}
