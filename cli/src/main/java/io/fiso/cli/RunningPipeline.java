// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.ControlFile;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A pipeline that somebody else runs at this moment: one control plane at a time may. */
final class RunningPipeline {
    /** How long the process of a run that has ended may take to leave. */
    private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(30);

    private final Path home;
    private final ResolvedPipeline pipeline;

    RunningPipeline(Host host, ResolvedPipeline pipeline) {
        this.home = ControlPlaneConfig.pipelineDirectory(host.stateHome(), pipeline.name());
        this.pipeline = pipeline;
    }

    /** Returns when no living control plane has this pipeline; ends its run first if that is wanted, refuses otherwise. */
    void makeRoom(boolean replace, Narrator narrator) throws InterruptedException {
        Optional<ControlFile> found = ControlFile.findLive(home);
        if (found.isEmpty()) {
            return;
        }
        ControlFile file = found.get();
        // A server has the pipeline only while it runs it, and gives it back a moment later.
        if (!replace && !(file.server() && runs(file).isEmpty())) {
            throw refused(file);
        }
        try (ControlPlaneClient client = ControlPlaneClient.of(file)) {
            for (Run run : runs(client)) {
                narrator.preparing("draining run " + run.getId() + " of process " + file.pid() + ", to replace it");
                client.stop(run.getId(), Optional.empty(), false);
                client.awaitEnd(run);
            }
        }
        awaitLeave(file);
    }

    private List<Run> runs(ControlFile file) {
        try (ControlPlaneClient client = ControlPlaneClient.of(file)) {
            return runs(client);
        }
    }

    private List<Run> runs(ControlPlaneClient client) {
        return client.list(ListRunsRequest.newBuilder()
                .setPipeline(pipeline.name())
                .setActive(true)
                .build());
    }

    private void awaitLeave(ControlFile file) throws InterruptedException {
        long deadline = System.nanoTime() + LEAVE_PATIENCE.toNanos();
        while (ControlFile.findLive(home).filter(now -> now.pid() == file.pid()).isPresent()) {
            if (System.nanoTime() - deadline > 0) {
                throw new CommandException(Failure.environment(
                        "controlplane.not_gone",
                        "process " + file.pid() + " still serves pipeline \"" + pipeline.name() + "\" "
                                + LEAVE_PATIENCE.toSeconds() + " s after the end of its run",
                        "end that process, then try again"));
            }
            Thread.sleep(50);
        }
    }

    private CommandException refused(ControlFile file) {
        return new CommandException(Failure.failed(
                "controlplane.already_running",
                Problem.Owner.USER,
                "pipeline \"" + pipeline.name() + "\" is running already: "
                        + (file.run().isEmpty() ? "" : "run " + file.run() + ", ")
                        + (file.server() ? "on the server, " : "") + "process "
                        + file.pid() + ", control plane " + file.grpcAddress(),
                "\"fisoctl status " + pipeline.name() + "\" shows it, \"fisoctl logs --follow " + pipeline.name()
                        + "\" follows it; --replace stops it first; another name lets both run"));
    }
}
