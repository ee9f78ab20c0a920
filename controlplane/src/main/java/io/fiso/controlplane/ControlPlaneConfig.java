// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

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
 * @param access from where it can be called, and with what
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
        Access access,
        TlsSetting tls) {
    /** How many runs of each pipeline are kept if nothing else is said. */
    public static final int KEEP_RUNS = 100;

    /**
     * Who can call.
     *
     * @param listen an address to be called at beside the loopback address; HTTP is served there alone
     * @param token the operator's token; empty means one that is made up at the start
     */
    public record Access(Optional<InetAddress> listen, Optional<String> token) {
        /** This machine's users who can read {@code control.json}. */
        public static final Access LOOPBACK = new Access(Optional.empty(), Optional.empty());

        /** Shows no token. */
        @Override
        public String toString() {
            return "Access[" + listen + "]";
        }
    }

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
        return new ControlPlaneConfig(
                stateHome,
                pipelineDirectory(stateHome, pipeline),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                drivers,
                compiler,
                Timing.DEFAULT,
                KEEP_RUNS,
                BrokerProvider.NONE,
                List.of(),
                Access.LOOPBACK,
                TlsSetting.byDefault(false));
    }

    public ControlPlaneConfig withInMemory(boolean value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                value,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                timing,
                keepRuns,
                brokers,
                preparations,
                access,
                tls);
    }

    /** With ports the user asked for; empty keeps the rule for defaults. */
    public ControlPlaneConfig withPorts(OptionalInt grpc, OptionalInt http) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpc,
                http,
                drivers,
                compiler,
                timing,
                keepRuns,
                brokers,
                preparations,
                access,
                tls);
    }

    public ControlPlaneConfig withTiming(Timing value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                value,
                keepRuns,
                brokers,
                preparations,
                access,
                tls);
    }

    public ControlPlaneConfig withKeepRuns(int value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                timing,
                value,
                brokers,
                preparations,
                access,
                tls);
    }

    public ControlPlaneConfig withBrokers(BrokerProvider value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                timing,
                keepRuns,
                value,
                preparations,
                access,
                tls);
    }

    /** A server: for as many pipelines as are given to it, durable; what runs when it ends is left running, and its successor takes it over. */
    public static ControlPlaneConfig forServer(Path stateHome, List<Driver> drivers, PipelineCompiler compiler) {
        return new ControlPlaneConfig(
                stateHome,
                serverDirectory(stateHome),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                drivers,
                compiler,
                Timing.DEFAULT.withOrphanGrace(Duration.ZERO),
                KEEP_RUNS,
                BrokerProvider.NONE,
                List.of(),
                Access.LOOPBACK,
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

    public ControlPlaneConfig withAccess(Access value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                timing,
                keepRuns,
                brokers,
                preparations,
                value,
                tls);
    }

    public ControlPlaneConfig withPreparations(List<RunPreparation> value) {
        return new ControlPlaneConfig(
                stateHome, home, inMemory, grpcPort, httpPort, drivers, compiler, timing, keepRuns, brokers, value,
                access, tls);
    }

    public ControlPlaneConfig withTls(TlsSetting value) {
        return new ControlPlaneConfig(
                stateHome,
                home,
                inMemory,
                grpcPort,
                httpPort,
                drivers,
                compiler,
                timing,
                keepRuns,
                brokers,
                preparations,
                access,
                value);
    }

    /** Where everything of one pipeline is kept. */
    public static Path pipelineDirectory(Path stateHome, String pipeline) {
        return stateHome.resolve("pipelines").resolve(pipeline);
    }
}
