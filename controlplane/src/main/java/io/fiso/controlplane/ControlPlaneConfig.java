// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What a control plane needs.
 *
 * @param stateHome the state directory of Fiso; each pipeline has {@code pipelines/<name>} in it
 * @param home where this control plane keeps {@code control.json} and {@code store/}: for one that serves a single pipeline, that pipeline's directory. In
 *     {@link #serverDirectory} it is a server: one for many pipelines, whose runs are kept in the pipelines' directories and outlive it
 * @param inMemory keep registry and history in memory only; they end with this process
 * @param grpcPort the port asked for; empty means 8080, or any other if that is taken; 0 means any
 * @param httpPort the same for HTTP, 9090
 * @param drivers the drivers a pipeline may name; closed with the control plane
 * @param compiler compiles what {@code StartRun} is given
 * @param timing how long things may take
 * @param keepRuns how many runs of each pipeline are kept, with their logs; at least 1
 * @param brokers where components get a broker from that have none of their own
 * @param preparations what drivers make for whole runs
 * @param tls whether gRPC is spoken over TLS
 */
public record ControlPlaneConfig(
        Path stateHome,
        Path home,
        boolean inMemory,
        OptionalInt grpcPort,
        OptionalInt httpPort,
        List<Driver> drivers,
        PipelineCompiler compiler,
        Timing timing,
        int keepRuns,
        BrokerProvider brokers,
        List<RunPreparation> preparations,
        TlsSetting tls) {
    /** How many runs of each pipeline are kept if nothing else is said. */
    public static final int KEEP_RUNS = 100;

    public ControlPlaneConfig {
        drivers = List.copyOf(drivers);
        preparations = List.copyOf(preparations);
        if (keepRuns < 1) {
            throw new IllegalArgumentException("keepRuns is " + keepRuns + "; at least the run itself is kept");
        }
    }

    /** The usual one for {@code fisoctl run}: one pipeline, default ports and times, durable. */
    public static ControlPlaneConfig forPipeline(
            Path stateHome, String pipeline, List<Driver> drivers, PipelineCompiler compiler) {
        return usual(stateHome, pipelineDirectory(stateHome, pipeline), drivers, compiler, Timing.DEFAULT);
    }

    /** A server: for as many pipelines as are given to it, durable; what runs when it ends is left running, and its successor takes it over. */
    public static ControlPlaneConfig forServer(Path stateHome, List<Driver> drivers, PipelineCompiler compiler) {
        Timing patient = Timing.DEFAULT.withOrphanGrace(Duration.ZERO);
        return usual(stateHome, serverDirectory(stateHome), drivers, compiler, patient);
    }

    private static ControlPlaneConfig usual(
            Path stateHome, Path home, List<Driver> drivers, PipelineCompiler compiler, Timing timing) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                drivers,
                compiler,
                timing,
                KEEP_RUNS,
                BrokerProvider.NONE,
                List.of(),
                TlsSetting.byDefault(false));
    }

    /** Whether it serves many pipelines. */
    boolean isServer() {
        return home.equals(serverDirectory(stateHome));
    }

    /** Where a server has its {@code control.json}. */
    public static Path serverDirectory(Path stateHome) {
        return stateHome.resolve("server");
    }

    /** Where everything of one pipeline is kept. */
    public static Path pipelineDirectory(Path stateHome, String pipeline) {
        return stateHome.resolve("pipelines").resolve(pipeline);
    }

    public ControlPlaneConfig withInMemory(boolean value) {
        return changed(draft -> draft.inMemory = value);
    }

    /** With ports the user asked for; empty keeps the rule for defaults. */
    public ControlPlaneConfig withPorts(OptionalInt grpc, OptionalInt http) {
        return changed(draft -> {
            draft.grpcPort = grpc;
            draft.httpPort = http;
        });
    }

    public ControlPlaneConfig withTiming(Timing value) {
        return changed(draft -> draft.timing = value);
    }

    public ControlPlaneConfig withKeepRuns(int value) {
        return changed(draft -> draft.keepRuns = value);
    }

    public ControlPlaneConfig withBrokers(BrokerProvider value) {
        return changed(draft -> draft.brokers = value);
    }

    public ControlPlaneConfig withPreparations(List<RunPreparation> value) {
        return changed(draft -> draft.preparations = value);
    }

    public ControlPlaneConfig withTls(TlsSetting value) {
        return changed(draft -> draft.tls = value);
    }

    private ControlPlaneConfig changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return new ControlPlaneConfig(
                stateHome,
                home,
                draft.inMemory,
                draft.grpcPort,
                draft.httpPort,
                drivers,
                compiler,
                draft.timing,
                draft.keepRuns,
                draft.brokers,
                draft.preparations,
                draft.tls);
    }

    /** What may be said otherwise than usual. */
    private static final class Draft {
        private boolean inMemory;
        private OptionalInt grpcPort;
        private OptionalInt httpPort;
        private Timing timing;
        private int keepRuns;
        private BrokerProvider brokers;
        private List<RunPreparation> preparations;
        private TlsSetting tls;

        Draft(ControlPlaneConfig config) {
            this.inMemory = config.inMemory();
            this.grpcPort = config.grpcPort();
            this.httpPort = config.httpPort();
            this.timing = config.timing();
            this.keepRuns = config.keepRuns();
            this.brokers = config.brokers();
            this.preparations = config.preparations();
            this.tls = config.tls();
        }
    }
}
