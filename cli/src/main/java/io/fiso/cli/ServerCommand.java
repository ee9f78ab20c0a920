// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Format;
import io.fiso.controlplane.ControlPlane;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.controlplane.ControlPlaneException;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A control plane by itself, for as many pipelines as are given to it. */
@Command(
        name = "server",
        description = "Serve pipelines that \"fisoctl run FILE --server\" starts, until Ctrl-C; they go on without it",
        footer = {
            "",
            "What runs when the server ends goes on by itself, and the next server takes it over, so a server",
            "can be replaced while events flow. With --drain the server ends it first. On start, what an",
            "earlier server had is taken over, and started again where nothing is left of it.",
            "Exit codes: 0 ended on request, 1 another server is there, 3 a port or the state directory not",
            "as needed, 130/143 killed."
        })
final class ServerCommand extends Verb {
    @Mixin
    PortOptions ports = new PortOptions();

    @Option(
            names = "--keep-runs",
            paramLabel = "N",
            description = "How many runs of each pipeline are kept, with their logs (default: 100)")
    int keepRuns = ControlPlaneConfig.KEEP_RUNS;

    @Option(
            names = "--drain",
            description =
                    "On Ctrl-C or SIGTERM drain and end what runs, instead of leaving it to the next server; for places where"
                            + " components end with the server anyway")
    boolean drain;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "INFO",
            description = "Log on stderr: OFF, SEVERE, WARNING, INFO, FINE (default: INFO)")
    String logLevel = "INFO";

    ServerCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws InterruptedException {
        Logging.wanted(logLevel, true);
        StopSignals signals = StopSignals.install(() -> {});
        List<Run> left;
        try (ControlPlane server = ControlPlane.start(config());
                ControlPlaneClient client = ControlPlaneClient.of(server)) {
            announce(server);
            signals.await();
            if (drain) {
                drain(client);
            }
            left = active(client);
        } catch (ControlPlaneException e) {
            throw ControlPlaneClient.failure(e);
        }
        String summary = left.isEmpty()
                ? "stopped"
                : "stopped; " + PipelineFile.count(left.size(), "run")
                        + " left to the next server: "
                        + String.join(", ", left.stream().map(Run::getPipeline).toList());
        return Answer.ok(
                summary, Format.map("left", left.stream().map(Run::getId).toList()), summary);
    }

    private ControlPlaneConfig config() {
        LocalBroker broker = new LocalBroker(host);
        return ControlPlaneConfig.forServer(
                        host.stateHome(), List.of(Drivers.processes(host)), PipelineFile.compiler(host))
                .withKeepRuns(Math.max(1, keepRuns))
                .withPorts(ports.grpcPort(), ports.httpPort())
                .withBrokers(new PipelineBroker(broker, found -> tell(found, broker.directory())));
    }

    private void tell(RunningBroker broker, Path directory) {
        if (isText()) {
            terminal().err().println("Broker at " + broker.address() + ", data in " + directory);
        } else {
            event(Format.map(
                    "event",
                    "broker",
                    "grpcPort",
                    broker.grpcPort(),
                    "httpPort",
                    broker.httpPort(),
                    "pid",
                    broker.pid()));
        }
    }

    private void announce(ControlPlane server) {
        String http = "http://127.0.0.1:" + server.httpPort();
        if (!isText()) {
            event(Format.map(
                    "event",
                    "ready",
                    "grpcPort",
                    server.grpcPort(),
                    "httpPort",
                    server.httpPort(),
                    "pid",
                    ProcessHandle.current().pid(),
                    "state",
                    host.stateHome().toString(),
                    "notices",
                    server.notices()));
            return;
        }
        terminal().out().println("grpc 127.0.0.1:" + server.grpcPort());
        terminal().out().println("http " + http);
        terminal().out().flush();
        server.notices().forEach(notice -> terminal().err().println("note: " + notice));
        terminal()
                .err()
                .println("Ready, state in " + host.stateHome()
                        + ". \"fisoctl run FILE --server\" starts a pipeline; metrics "
                        + http + "/metrics. Ctrl-C ends the server"
                        + (drain ? ", and what it runs" : "; what it runs goes on"));
    }

    private void event(Map<String, @Nullable Object> event) {
        terminal().out().println(Format.compact(event));
        terminal().out().flush();
    }

    private static List<Run> active(ControlPlaneClient client) {
        return client.list(ListRunsRequest.newBuilder().setActive(true).build());
    }

    /** All at once, each within its own drain timeout; what cannot be ended is left, and said. */
    private void drain(ControlPlaneClient client) {
        List<Run> runs = active(client);
        if (isText() && !runs.isEmpty()) {
            terminal()
                    .err()
                    .println("Draining " + PipelineFile.count(runs.size(), "run")
                            + ". Once more ends the server at once");
        }
        for (Run run : runs) {
            ask(run, () -> client.stop(run.getId(), Optional.empty(), false));
        }
        for (Run run : runs) {
            ask(run, () -> client.awaitEnd(run));
        }
    }

    private void ask(Run run, Runnable question) {
        try {
            question.run();
        } catch (CommandException e) {
            terminal().err().println(run.getPipeline() + ": " + e.failure().message());
        }
    }
}
