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
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A component that does what it is told: it listens, registers, watches its wiring and answers as scripted. */
final class ScriptedComponent implements AutoCloseable {
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
            this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                    .intercept(BearerToken.requiring(
                            (_, token) -> token.equals(spec.contract().get("FISO_TOKEN"))))
                    .addService(new Answers())
                    .addService(new HealthStatusManager().getHealthService())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.channel = NettyChannelBuilder.forTarget(variable(spec, "FISO_CONTROL_PLANE"))
                .usePlaintext()
                .intercept(BearerToken.attaching(variable(spec, "FISO_TOKEN")))
                .build();
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
