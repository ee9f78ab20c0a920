// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.Adoption;
import io.fiso.controlplane.ControlPlane;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.controlplane.ControlPlaneException;
import io.fiso.controlplane.PipelineCompiler;
import io.fiso.controlplane.Timing;
import io.fiso.controlplane.TlsSetting;
import io.fiso.driver.Driver;
import io.fiso.driver.kubernetes.KubernetesDriver;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a pipeline in the foreground: the control plane in this process, the components in theirs. */
@Command(
        name = "run",
        description = "Run a pipeline until it completes or Ctrl-C",
        footer = {
            "",
            "If this process is killed, the components go on; run the same file again to take them over.",
            "Ctrl-C (or SIGTERM) stops sources first, lets what is in flight settle, and says what could not. A second one kills.",
            "Exit codes: 0 completed or stopped, 1 failed, 2 invalid file, 3 port, driver or state not as needed, 130/143 killed."
        })
final class RunCommand extends Verb {
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);

    @Parameters(paramLabel = "FILE", description = "A pipeline file")
    @Nullable
    Path file;

    @Option(names = "--driver", description = "Launch with this driver instead of the file's own")
    @Nullable
    String driver;

    @Mixin
    PortOptions ports = new PortOptions();

    @Option(
            names = "--tls",
            negatable = true,
            description =
                    "Mutual TLS on every gRPC port, with certificates that the control plane issues (default: on if the"
                            + " driver's components can be reached from outside this machine's loopback, else off)")
    @Nullable
    Boolean tls;

    @Option(names = "--in-memory", description = "Keep no history of this run; nothing can take it over either")
    boolean inMemory;

    @Option(
            names = "--replace",
            description =
                    "When this pipeline runs already: drain and end that run first (an unchanged one whose control"
                            + " plane is gone is taken over instead)")
    boolean replace;

    @Option(
            names = "--server",
            description =
                    "Start it on the server of this machine (\"fisoctl server\"), which reads the file, and follow it; Ctrl-C"
                            + " ends the following alone")
    boolean server;

    @Option(names = "--detach", description = "Start it on the server, and do not follow it")
    boolean detach;

    @Option(
            names = "--keep-runs",
            paramLabel = "N",
            description = "How many runs of this pipeline are kept, with their logs (default: 100)")
    int keepRuns = ControlPlaneConfig.KEEP_RUNS;

    @Option(
            names = "--orphan-grace",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "How long components go on when this process is gone, before they drain and leave"
                    + " (default: 5m; 0s: for ever)")
    @Nullable
    Duration orphanGrace;

    @Mixin
    ImageOptions images = new ImageOptions();

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "OFF",
            description = "Log of the control plane on stderr: SEVERE, WARNING, INFO, FINE")
    String logLevel = "OFF";

    RunCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        if (server || detach) {
            refuseOptionsOfAControlPlane();
            return new ServedRun(host, common.format).start(Objects.requireNonNull(file), driver, replace, detach);
        }
        Logging.wanted(logLevel, false);
        Optional<String> wanted = Optional.ofNullable(driver);
        PipelineFile loaded = PipelineFile.load(host, Objects.requireNonNull(file), wanted);
        refuseKubernetes(loaded.pipeline());
        Narrator narrator = new Narrator(terminal(), common.format, System.nanoTime());
        narrator.begin(loaded.pipeline(), loaded.problems());
        AtomicReference<@Nullable ControlPlane> embedded = new AtomicReference<>();
        StopSignals signals = StopSignals.install(() -> killAll(embedded.get()));
        new RunningPipeline(host, loaded.pipeline()).makeRoom(replace, narrator);
        try (ControlPlane controlPlane = start(loaded.pipeline(), narrator)) {
            embedded.set(controlPlane);
            narrator.controlPlaneUp(controlPlane.grpcPort(), controlPlane.httpPort(), controlPlane.notices());
            try (ControlPlaneClient client = ControlPlaneClient.of(controlPlane)) {
                Run end = follow(controlPlane, client, loaded, wanted, narrator, signals);
                return RunConclusion.of(end, terminal());
            }
        } catch (ControlPlaneException e) {
            throw ControlPlaneClient.failure(e);
        } finally {
            narrator.end();
        }
    }

    private Run follow(
            ControlPlane controlPlane,
            ControlPlaneClient client,
            PipelineFile loaded,
            Optional<String> wanted,
            Narrator narrator,
            StopSignals signals) {
        Run run = client.start(loaded.source().text(), loaded.source().file(), wanted, replace);
        Path logs = KnownRuns.logs(host.stateHome(), run);
        Optional<Adoption> adoption =
                controlPlane.adoption().filter(adopted -> adopted.run().equals(run.getId()));
        narrator.runStarted(run, logs, adoption);
        Thread stopper =
                Thread.ofVirtual().name("stop").start(() -> stopWhenAsked(client, run.getId(), narrator, signals));
        try (ComponentOutput _ = ComponentOutput.follow(logs, loaded.pipeline(), narrator, adoption.isPresent())) {
            Run last = run;
            for (Iterator<Run> states = client.watch(run.getId(), WATCH_INTERVAL); states.hasNext(); ) {
                last = states.next();
                narrator.update(last);
            }
            return last;
        } finally {
            stopper.interrupt();
        }
    }

    private static void stopWhenAsked(ControlPlaneClient client, String run, Narrator narrator, StopSignals signals) {
        try {
            signals.await();
            narrator.stopping("Stopping: sources first, then what is in flight settles. Once more kills");
            client.stop(run, Optional.empty(), false);
        } catch (InterruptedException _) {
            // It ended by itself.
        } catch (CommandException e) {
            narrator.stopping(e.failure().message());
        }
    }

    private static void killAll(@Nullable ControlPlane controlPlane) {
        if (controlPlane != null) {
            controlPlane.close();
        }
    }

    private ControlPlane start(ResolvedPipeline pipeline, Narrator narrator) {
        LocalBroker broker = new LocalBroker(host);
        List<Driver> drivers = Drivers.onThisMachine(host, images.names());
        ControlPlaneConfig config = ControlPlaneConfig.forPipeline(
                        host.stateHome(), pipeline.name(), drivers, compiler(pipeline))
                .withInMemory(inMemory)
                .withKeepRuns(Math.max(1, keepRuns))
                .withTiming(orphanGrace == null ? Timing.DEFAULT : Timing.DEFAULT.withOrphanGrace(orphanGrace))
                .withPorts(ports.grpcPort(), ports.httpPort())
                .withTls(tls == null ? TlsSetting.byDefault(leavesLoopback(pipeline, drivers)) : TlsSetting.asked(tls))
                .withBrokers(new PipelineBroker(broker, found -> narrator.broker(found, broker.directory())));
        return ControlPlane.start(config);
    }

    /** Whether others than this machine's own programs could come to the ports of a pipeline. */
    private static boolean leavesLoopback(ResolvedPipeline pipeline, List<Driver> drivers) {
        return drivers.stream()
                .anyMatch(one -> one.name().equals(pipeline.driver())
                        && !one.capabilities().sharesLoopback());
    }

    /** What the control plane is sent by this very process has been compiled already; anybody else's is compiled when it comes. */
    private PipelineCompiler compiler(ResolvedPipeline compiled) {
        Path own = Objects.requireNonNull(file);
        PipelineCompiler others = PipelineFile.compiler(host);
        return (yaml, name, requestedDriver) ->
                name.equals(own.toString()) ? compiled : others.compile(yaml, name, requestedDriver);
    }

    private void refuseOptionsOfAControlPlane() {
        boolean given = inMemory
                || ports.given()
                || orphanGrace != null
                || images.given()
                || tls != null
                || keepRuns != ControlPlaneConfig.KEEP_RUNS;
        if (given) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    "--in-memory, --grpc-port, --http-port, --keep-runs, --orphan-grace, --tls and names of images are for a control plane of the run's own,"
                            + " and with --server or --detach the server is that",
                    "leave them out, or run without a server"));
        }
    }

    private static void refuseKubernetes(ResolvedPipeline pipeline) {
        if (pipeline.driver().equals(KubernetesDriver.NAME)) {
            throw new CommandException(
                    Failure.environment(
                            "driver.unavailable",
                            "fisoctl run does not start pipelines on Kubernetes yet",
                            "\"fisoctl export --format k8s\" prints the manifests; --driver process and --driver docker run it here"));
        }
    }
}
