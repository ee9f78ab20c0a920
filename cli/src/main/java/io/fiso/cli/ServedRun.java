// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.controlplane.ControlFile;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.pipeline.SourceText;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run that the server of this machine has: started there, and looked at from here. */
final class ServedRun {
    private final Host host;
    private final Format format;

    ServedRun(Host host, Format format) {
        this.host = host;
        this.format = format;
    }

    /** Starts it on the server, which compiles the file with its own variables. */
    Answer start(Path file, @Nullable String driver, boolean replace, boolean detach)
            throws IOException, InterruptedException {
        SourceText source = PipelineFile.read(file);
        Run run;
        try (ControlPlaneClient client = ControlPlaneClient.of(server())) {
            String path = file.toAbsolutePath().normalize().toString();
            run = client.start(source.text(), path, Optional.ofNullable(driver), replace);
        }
        if (detach) {
            String summary = "run " + run.getId() + " of \"" + run.getPipeline() + "\" is started; \"fisoctl attach "
                    + run.getPipeline() + "\" follows it";
            return Answer.ok(summary, RunText.data(run), run.getId());
        }
        return follow(run, false);
    }

    /**
     * Follows it until it ends or somebody has seen enough.
     *
     * @param fromNow whether what its components have printed so far is left out
     */
    Answer follow(Run run, boolean fromNow) throws InterruptedException {
        StopSignals signals = StopSignals.install(() -> {});
        Narrator narrator = new Narrator(host.terminal(), format, System.nanoTime());
        Path logs = KnownRuns.logs(host.stateHome(), run);
        narrator.following(run, "logs " + logs);
        RunFollower follower = new RunFollower(() -> controlPlane(run).map(ControlPlaneClient::of), narrator, signals);
        Optional<Run> end;
        try (ComponentOutput _ = ComponentOutput.follow(logs, run, narrator, fromNow)) {
            end = follower.follow(run);
        } finally {
            narrator.end();
        }
        return end.map(last -> RunConclusion.of(last, host.terminal())).orElseGet(() -> {
            String summary = "run " + run.getId() + " goes on; \"fisoctl attach " + run.getPipeline()
                    + "\" follows it again, \"fisoctl pipelines stop " + run.getPipeline() + "\" ends it";
            return Answer.ok(summary, RunText.data(run), summary);
        });
    }

    private Optional<ControlFile> controlPlane(Run run) {
        return ControlFile.findLive(ControlPlaneConfig.pipelineDirectory(host.stateHome(), run.getPipeline()))
                .or(() -> ControlFile.findLive(ControlPlaneConfig.serverDirectory(host.stateHome())));
    }

    private ControlFile server() {
        return ControlFile.findLive(ControlPlaneConfig.serverDirectory(host.stateHome()))
                .orElseThrow(() -> new CommandException(Failure.environment(
                        "server.none",
                        "no server runs for the state directory " + host.stateHome(),
                        "start one with \"fisoctl server\", or run without --server and --detach")));
    }
}
