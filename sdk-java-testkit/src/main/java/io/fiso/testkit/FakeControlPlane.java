// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import com.google.protobuf.Duration;
import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.DeregisterComponentRequest;
import io.fiso.proto.control.v1.DeregisterComponentResponse;
import io.fiso.proto.control.v1.DownstreamEdge;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.FindBrokerResponse;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.HeartbeatResponse;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.UpstreamEdge;
import io.fiso.proto.control.v1.UpstreamReplica;
import io.fiso.proto.control.v1.WatchWiringRequest;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.proto.stream.v1.Progress;
import io.fiso.tls.TlsIdentity;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A control plane for tests: registers whoever comes, wires the edges it was given, and fails on request. One replica per component; every
 * address it hands out can be replaced, so that a test can put something in between.
 */
public final class FakeControlPlane extends ComponentRegistryGrpc.ComponentRegistryImplBase implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;
    private final List<String> edges;
    private final Map<String, Registered> registered = new LinkedHashMap<>();
    private final Map<String, StreamObserver<WatchWiringResponse>> watches = new HashMap<>();
    private final Map<String, String> detours = new HashMap<>();
    private final Map<String, Progress> lastWords = new HashMap<>();
    private long lastGeneration;
    private long version;
    private int heartbeats;
    private java.time.Duration orphanGrace = java.time.Duration.ZERO;
    private @Nullable Status heartbeatAnswer;
    private @Nullable BrokerAddress broker;

    private record Registered(RegisterComponentRequest request, long generation) {}

    /** Edges are written {@code from->to}. */
    public FakeControlPlane(String... edges) {
        this(null, edges);
    }

    /** With TLS, if it is somebody. */
    FakeControlPlane(@Nullable TlsIdentity identity, String... edges) {
        this.edges = List.of(edges);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this);
        try {
            this.server = (identity == null ? builder : identity.serve(builder, loop))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** host:port. */
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** From now on, who is wired to this component is given another address of it. */
    public synchronized void detour(String component, String address) {
        detours.put(component, address);
        wireAll();
    }

    /** Answers heartbeats with this status; null answers them as usual. */
    public synchronized void answerHeartbeats(@Nullable Status status) {
        heartbeatAnswer = status;
    }

    /** Tells components that register from now on how long they go on without a control plane; zero means for ever. */
    public synchronized void orphanGrace(java.time.Duration grace) {
        orphanGrace = grace;
    }

    /** Where the broker is from now on; until this is called there is none. */
    public synchronized void broker(BrokerAddress address) {
        broker = address;
    }

    public synchronized int heartbeats() {
        return heartbeats;
    }

    /** Forgets a component, as if its process had died. */
    public synchronized void forget(String component) {
        registered.remove(component);
        watches.remove(component);
        wireAll();
    }

    /** The real address of a component; throws if it is not registered. */
    public synchronized String addressOf(String component) {
        Registered found = registered.get(component);
        if (found == null) {
            throw new IllegalStateException("'" + component + "' is not registered; there are " + registered.keySet());
        }
        return found.request.getAddress();
    }

    /** How far a component that has left had come, as it said then. */
    public synchronized Optional<Progress> lastWord(String component) {
        return Optional.ofNullable(lastWords.get(component));
    }

    public synchronized boolean isRegistered(String component) {
        return registered.containsKey(component);
    }

    @Override
    public synchronized void registerComponent(
            RegisterComponentRequest request, StreamObserver<RegisterComponentResponse> observer) {
        Registered before = registered.get(request.getComponent());
        long generation = before != null && before.request.getInstance().equals(request.getInstance())
                ? before.generation
                : ++lastGeneration;
        registered.put(request.getComponent(), new Registered(request, generation));
        observer.onNext(RegisterComponentResponse.newBuilder()
                .setGeneration(generation)
                .setProtocolVersion(1)
                .setHeartbeatInterval(Duration.newBuilder().setNanos(200_000_000))
                .setOrphanGrace(Duration.newBuilder()
                        .setSeconds(orphanGrace.getSeconds())
                        .setNanos(orphanGrace.getNano()))
                .build());
        observer.onCompleted();
        wireAll();
    }

    @Override
    public synchronized void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
        heartbeats++;
        if (heartbeatAnswer != null) {
            observer.onError(heartbeatAnswer.asRuntimeException());
            return;
        }
        observer.onNext(HeartbeatResponse.newBuilder().setWiringVersion(version).build());
        observer.onCompleted();
    }

    @Override
    public synchronized void deregisterComponent(
            DeregisterComponentRequest request, StreamObserver<DeregisterComponentResponse> observer) {
        registered.remove(request.getComponent());
        watches.remove(request.getComponent());
        if (request.hasProgress()) {
            lastWords.put(request.getComponent(), request.getProgress());
        }
        observer.onNext(DeregisterComponentResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public synchronized void watchWiring(WatchWiringRequest request, StreamObserver<WatchWiringResponse> observer) {
        watches.put(request.getComponent(), observer);
        wireAll();
    }

    @Override
    public synchronized void findBroker(FindBrokerRequest request, StreamObserver<FindBrokerResponse> observer) {
        if (broker == null) {
            observer.onError(Status.FAILED_PRECONDITION
                    .withDescription("this run has no broker")
                    .asRuntimeException());
            return;
        }
        observer.onNext(FindBrokerResponse.newBuilder()
                .setHost(broker.host())
                .setPort(broker.port())
                .setToken(broker.token())
                .build());
        observer.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void wireAll() {
        version++;
        watches.forEach((component, observer) -> observer.onNext(wiringOf(component)));
    }

    private WatchWiringResponse wiringOf(String component) {
        WatchWiringResponse.Builder wiring = WatchWiringResponse.newBuilder().setVersion(version);
        for (String edge : edges) {
            String from = edge.substring(0, edge.indexOf("->"));
            String to = edge.substring(edge.indexOf("->") + 2);
            if (to.equals(component)) {
                UpstreamEdge.Builder upstream =
                        UpstreamEdge.newBuilder().setEdge(edge).setFrom(from);
                Registered emitter = registered.get(from);
                if (emitter != null) {
                    upstream.addReplicas(UpstreamReplica.newBuilder()
                            .setAddress(detours.getOrDefault(from, emitter.request.getAddress()))
                            .setGeneration(emitter.generation));
                }
                wiring.addUpstreams(upstream);
            }
            if (from.equals(component)) {
                Registered receiver = registered.get(to);
                wiring.addDownstreams(DownstreamEdge.newBuilder()
                        .setEdge(edge)
                        .setTo(to)
                        .setReplicas(1)
                        .addMinGenerations(receiver == null ? 0 : receiver.generation));
            }
        }
        return wiring.build();
    }
}
