// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.access.Access;
import io.fiso.broker.metrics.RequestMetrics;
import io.fiso.broker.service.AccessRules;
import io.fiso.broker.service.Authentication;
import io.fiso.broker.service.Authorisation;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The services over gRPC: on the loopback address, and inside this process for HTTP. Both with the same interceptors before them. */
final class GrpcFace {
    private final Server inside;
    private final Server outside;
    private final HealthStatusManager health;

    private GrpcFace(Server inside, Server outside, HealthStatusManager health) {
        this.inside = inside;
        this.outside = outside;
        this.health = health;
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    /**
     * @param name by which it is reached inside this process
     * @param port 0 chooses one
     * @param connections hears of those from outside
     */
    static GrpcFace serve(
            String name,
            int port,
            List<ServerServiceDefinition> services,
            AccessRules rules,
            Access access,
            RequestMetrics requests,
            Executor executor,
            ServerTransportFilter connections,
            Endings endings)
            throws IOException {
        Server inside = guarded(InProcessServerBuilder.forName(name), services, rules, access, requests, executor)
                .build()
                .start();
        endings.add(inside::shutdownNow);
        HealthStatusManager health = new HealthStatusManager();
        Server outside = Ports.bind("gRPC", port, address -> {
            NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                    .maxInboundMessageSize(BrokerSettings.GRPC_MESSAGE_MAX_BYTES)
                    .maxConcurrentCallsPerConnection(BrokerSettings.GRPC_CALLS_PER_CONNECTION_MAX)
                    // Together they find a half-open connection within ten seconds.
                    .keepAliveTime(5, TimeUnit.SECONDS)
                    .keepAliveTimeout(4, TimeUnit.SECONDS)
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .addTransportFilter(connections)
                    .addService(health.getHealthService())
                    .addService(ProtoReflectionServiceV1.newInstance());
            return guarded(builder, services, rules, access, requests, executor)
                    .build()
                    .start();
        });
        endings.add(outside::shutdownNow);
        return new GrpcFace(inside, outside, health);
    }

    private static <B extends ServerBuilder<B>> B guarded(
            B builder,
            List<ServerServiceDefinition> services,
            AccessRules rules,
            Access access,
            RequestMetrics requests,
            Executor executor) {
        // The last one added is the first to see a call.
        return builder.executor(executor)
                .addServices(services)
                .intercept(new Authorisation(rules))
                .intercept(new Authentication(access))
                .intercept(requests);
    }

    int port() {
        return outside.getPort();
    }

    /**
     * Takes no new calls, and waits for those that are being served; what is still there at the end of its patience is cancelled.
     *
     * @param ending ends the calls that would not end by themselves
     */
    void drain(Duration max, Runnable ending) {
        health.enterTerminalState();
        outside.shutdown();
        inside.shutdown();
        ending.run();
        long deadline = System.nanoTime() + max.toNanos();
        try {
            if (outside.awaitTermination(max.toNanos(), TimeUnit.NANOSECONDS)
                    && inside.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        outside.shutdownNow();
        inside.shutdownNow();
    }
}
