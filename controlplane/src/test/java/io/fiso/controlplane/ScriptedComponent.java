// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.LaunchSpec;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.WatchWiringRequest;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.DrainRequest;
import io.fiso.proto.stream.v1.DrainResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.PauseRequest;
import io.fiso.proto.stream.v1.PauseResponse;
import io.fiso.proto.stream.v1.Progress;
import io.fiso.proto.stream.v1.ResumeRequest;
import io.fiso.proto.stream.v1.ResumeResponse;
import io.fiso.tls.PeerName;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A component that does what it is told: it listens, registers, watches its wiring and answers as scripted. */
final class ScriptedComponent implements AutoCloseable {
    private static final EventLoopGroup LOOP =
            new MultiThreadIoEventLoopGroup(1, Thread.ofPlatform().daemon().factory(), NioIoHandler.newFactory());

    private final LaunchSpec spec;
    private final ComponentKind kind;
    final String instance = UUID.randomUUID().toString();
    final List<WatchWiringResponse> wiring = new CopyOnWriteArrayList<>();
    volatile ComponentPhase phase = ComponentPhase.COMPONENT_PHASE_RUNNING;
    volatile Progress progress = Progress.getDefaultInstance();
    volatile RegisterComponentResponse grant = RegisterComponentResponse.getDefaultInstance();
    private final Server server;
    private final ManagedChannel channel;

    ScriptedComponent(LaunchSpec spec, ComponentKind kind) {
        this.spec = spec;
        this.kind = kind;
        try {
            Optional<TlsIdentity> identity = identity(spec);
            NettyServerBuilder builder =
                    NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            this.server = identity.map(own -> own.serve(builder, LOOP))
                    .orElse(builder)
                    .intercept(BearerToken.requiring(
                            (_, token) -> token.equals(spec.contract().get("FISO_TOKEN"))))
                    .addService(new Answers())
                    .addService(new HealthStatusManager().getHealthService())
                    .build()
                    .start();
            String controlPlane = variable(spec, "FISO_CONTROL_PLANE");
            NettyChannelBuilder channelBuilder = NettyChannelBuilder.forTarget(controlPlane);
            this.channel = identity.map(own -> own.dial(channelBuilder, PeerName.CONTROL_PLANE, controlPlane))
                    .orElseGet(channelBuilder::usePlaintext)
                    .intercept(BearerToken.attaching(variable(spec, "FISO_TOKEN")))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<TlsIdentity> identity(LaunchSpec spec) throws IOException {
        return spec.tlsDirectory().isPresent()
                ? Optional.of(
                        TlsIdentity.read(new TlsDirectory(spec.tlsDirectory().get())))
                : Optional.empty();
    }

    private static String variable(LaunchSpec spec, String name) {
        return Objects.requireNonNull(spec.contract().get(name), name);
    }

    String id() {
        return spec.component();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    ManagedChannel channel() {
        return channel;
    }

    void start(long pid) {
        Thread.ofVirtual().start(() -> {
            grant = ComponentRegistryGrpc.newBlockingStub(channel).registerComponent(registration(pid));
            ComponentRegistryGrpc.newStub(channel)
                    .watchWiring(
                            WatchWiringRequest.newBuilder()
                                    .setComponent(spec.component())
                                    .setInstance(instance)
                                    .setGeneration(grant.getGeneration())
                                    .build(),
                            new StreamObserver<>() {
                                @Override
                                public void onNext(WatchWiringResponse snapshot) {
                                    wiring.add(snapshot);
                                }

                                @Override
                                public void onError(Throwable t) {}

                                @Override
                                public void onCompleted() {}
                            });
        });
    }

    RegisterComponentRequest registration(long pid) {
        return RegisterComponentRequest.newBuilder()
                .setComponent(spec.component())
                .setRun(spec.run())
                .setInstance(instance)
                .setKind(kind)
                .setAddress(address())
                .addOutputTypes("order.*")
                .putAllMetadata(Map.of("team", "orders"))
                .setPid(pid)
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private final class Answers extends LifecycleGrpc.LifecycleImplBase {
        @Override
        public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
            observer.onNext(DescribeResponse.newBuilder()
                    .setComponent(spec.component())
                    .setInstance(instance)
                    .setPhase(phase)
                    .setProgress(progress)
                    .build());
            observer.onCompleted();
        }

        @Override
        public void pause(PauseRequest request, StreamObserver<PauseResponse> observer) {
            progress = progress.toBuilder().setPaused(request.getReason()).build();
            observer.onNext(PauseResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
            progress = progress.toBuilder().clearPaused().build();
            observer.onNext(ResumeResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void drain(DrainRequest request, StreamObserver<DrainResponse> observer) {
            phase = ComponentPhase.COMPONENT_PHASE_DONE;
            observer.onNext(DrainResponse.getDefaultInstance());
            observer.onCompleted();
        }
    }
}
