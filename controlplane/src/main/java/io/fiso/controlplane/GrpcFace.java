// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** gRPC on the loopback address, and on others of this machine once there are components that need them. */
final class GrpcFace implements AutoCloseable {
    static final int STANDARD_PORT = 8080;
    private static final int MESSAGE_MAX_BYTES = 8 * 1024 * 1024;
    private static final Duration LEAVING_MAX = Duration.ofMillis(500);
    private static final int LOOP_THREADS = 2;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HealthStatusManager health = new HealthStatusManager();
    private final Runs runs;
    private final Timing timing;
    private final BrokerSearch brokers;
    private final String token;
    private final Optional<MutualTls> tls;
    private final EventLoopGroup loop;
    private final Ports.Bound<Server> server;
    private final Map<InetAddress, Ports.Bound<Server>> others = new HashMap<>();
    private boolean closed;

    /**
     * Opens it.
     *
     * @param standard the port to take if none was asked for and it is free
     * @param tls who to be; empty for connections in plain text
     */
    GrpcFace(
            Runs runs,
            Timing timing,
            BrokerSearch brokers,
            String token,
            OptionalInt port,
            int standard,
            Optional<MutualTls> tls) {
        this.runs = runs;
        this.timing = timing;
        this.brokers = brokers;
        this.token = token;
        this.tls = tls;
        this.loop = new MultiThreadIoEventLoopGroup(
                LOOP_THREADS,
                Thread.ofPlatform().daemon().name("control-plane-network-", 0).factory(),
                NioIoHandler.newFactory());
        try {
            this.server = Ports.bind("gRPC", Ports.LOOPBACK, standard, port, this::start);
        } catch (RuntimeException e) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    private Server start(InetSocketAddress address) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
        return tls.map(present -> present.own().serve(builder, loop))
                .orElseGet(() -> builder.bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .channelType(NioServerSocketChannel.class))
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

    /**
     * The port at another address of this machine: the same as on the loopback address, or another one if that is taken. Listens there from the first
     * call on.
     *
     * @throws ControlPlaneException if no port can be opened there
     */
    synchronized int port(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return port();
        }
        if (closed) {
            throw new ControlPlaneException(
                    ControlPlaneException.Kind.ENVIRONMENT, "controlplane.ending", "this control plane is ending");
        }
        return others.computeIfAbsent(
                        address, there -> Ports.bind("gRPC", there, port(), OptionalInt.empty(), this::start))
                .value()
                .getPort();
    }

    @Override
    public void close() {
        health.enterTerminalState();
        List<Server> running = new ArrayList<>();
        synchronized (this) {
            closed = true;
            running.add(server.value());
            others.values().forEach(other -> running.add(other.value()));
        }
        running.forEach(Server::shutdown);
        long deadline = System.nanoTime() + LEAVING_MAX.toNanos();
        for (Server one : running) {
            try {
                if (!one.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    one.shutdownNow();
                }
            } catch (InterruptedException _) {
                one.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        executor.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
