// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** gRPC on the loopback address. */
final class GrpcFace implements AutoCloseable {
    static final int STANDARD_PORT = 8080;
    private static final int MESSAGE_MAX_BYTES = 8 * 1024 * 1024;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HealthStatusManager health = new HealthStatusManager();
    private final Runs runs;
    private final Timing timing;
    private final BrokerSearch brokers;
    private final String token;
    private final Ports.Bound<Server> server;

    /** @param standard the port to take if none was asked for and it is free */
    GrpcFace(Runs runs, Timing timing, BrokerSearch brokers, String token, OptionalInt port, int standard) {
        this.runs = runs;
        this.timing = timing;
        this.brokers = brokers;
        this.token = token;
        this.server = Ports.bind("gRPC", standard, port, this::start);
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    private Server start(InetSocketAddress address) throws IOException {
        return NettyServerBuilder.forAddress(address)
                .executor(executor)
                .intercept(BearerToken.requiring(this::accepts))
                .maxInboundMessageSize(MESSAGE_MAX_BYTES)
                // Together they find a half-open connection within ten seconds.
                .keepAliveTime(5, TimeUnit.SECONDS)
                .keepAliveTimeout(4, TimeUnit.SECONDS)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(new RegistryService(runs, timing, brokers))
                .addService(new PipelineRunService(runs))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .build()
                .start();
    }

    /** A component's token opens the registry; everything else wants the control plane's own. */
    private boolean accepts(String service, String presented) {
        boolean own = BearerToken.same(presented, token);
        return own || service.equals(ComponentRegistryGrpc.SERVICE_NAME) && runs.isRunToken(presented);
    }

    Ports.Bound<Server> bound() {
        return server;
    }

    int port() {
        return server.value().getPort();
    }

    @Override
    public void close() {
        health.enterTerminalState();
        Server running = server.value().shutdown();
        try {
            if (!running.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                running.shutdownNow();
            }
        } catch (InterruptedException _) {
            running.shutdownNow();
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }
}
