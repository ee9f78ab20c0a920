// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.LaunchSpec;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.GetComponentsRequest;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.PipelineServiceGrpc.PipelineServiceBlockingStub;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StartRunRequest;
import io.fiso.proto.control.v1.WatchRunRequest;
import io.fiso.proto.control.v1.WatchRunResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A control plane over its real wire, with components that follow a script, and how the tests speak of it. */
abstract class LiveControlPlane {
    static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path state;

    final FakeDriver driver = new FakeDriver(LiveControlPlane::component);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeEverything() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
    }

    private static ScriptedComponent component(LaunchSpec spec) {
        return new ScriptedComponent(
                spec,
                switch (spec.component()) {
                    case "orders" -> ComponentKind.COMPONENT_KIND_SOURCE;
                    case "normalize" -> ComponentKind.COMPONENT_KIND_PROCESSOR;
                    default -> ComponentKind.COMPONENT_KIND_SINK;
                });
    }

    java.util.function.Function<Path, ControlPlaneConfig> config(String pipeline) {
        PipelineCompiler compiler = (yaml, _, _) -> switch (yaml) {
            case "invalid" ->
                throw new PipelineCompiler.InvalidPipelineException(List.of("first problem", "second problem"));
            case "p changed" -> Pipelines.changed("p");
            case "docker" -> Pipelines.linear("d", "docker", Pipelines.RESTART);
            default -> Pipelines.linear(yaml);
        };
        return home -> ControlPlaneConfig.forPipeline(home, pipeline, List.of(driver), compiler)
                .withPorts(OptionalInt.of(0), OptionalInt.of(0));
    }

    ControlPlane start(String pipeline) {
        return opened(ControlPlane.start(config(pipeline).apply(state)));
    }

    <C extends AutoCloseable> C opened(C closeable) {
        opened.add(closeable);
        return closeable;
    }

    ManagedChannel channel(ControlPlane controlPlane, String token) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", controlPlane.grpcPort())
                .usePlaintext()
                .intercept(BearerToken.attaching(token))
                .build();
        opened(() -> channel.shutdownNow());
        return channel;
    }

    PipelineServiceBlockingStub pipelines(ControlPlane controlPlane) {
        return PipelineServiceGrpc.newBlockingStub(channel(controlPlane, controlPlane.token()));
    }

    Run startRun(ControlPlane controlPlane, String yaml) {
        return pipelines(controlPlane)
                .startRun(StartRunRequest.newBuilder()
                        .setYaml(yaml)
                        .setFile(yaml + ".yaml")
                        .build())
                .getRun();
    }

    List<String> find(ControlPlane controlPlane, GetComponentsRequest.Builder filter) {
        return ComponentRegistryGrpc.newBlockingStub(channel(controlPlane, controlPlane.token()))
                .getComponents(filter.build())
                .getComponentsList()
                .stream()
                .map(ComponentStatus::getComponent)
                .toList();
    }

    static List<String> upstreams(ScriptedComponent component) {
        return component.wiring.getLast().getUpstreams(0).getReplicasList().stream()
                .map(io.fiso.proto.control.v1.UpstreamReplica::getAddress)
                .toList();
    }

    static HttpResponse<String> get(ControlPlane controlPlane, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controlPlane.httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    static void assertStatus(Throwable error, Code code) {
        assertThat(error).isInstanceOf(StatusRuntimeException.class);
        assertThat(((StatusRuntimeException) error).getStatus().getCode()).isEqualTo(code);
    }

    Run watchToTheEnd(ControlPlane controlPlane, Run run) {
        Iterator<WatchRunResponse> states = pipelines(controlPlane)
                .withDeadlineAfter(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .watchRun(WatchRunRequest.newBuilder().setRun(run.getId()).build());
        Run last = run;
        while (states.hasNext()) {
            last = states.next().getRun();
        }
        return last;
    }

    void await(ControlPlane controlPlane, Run run, RunState wanted) throws InterruptedException {
        PipelineServiceBlockingStub pipelines = pipelines(controlPlane);
        await(
                run.getId() + " is " + wanted,
                () -> pipelines
                                .getRun(GetRunRequest.newBuilder()
                                        .setRun(run.getId())
                                        .build())
                                .getRun()
                                .getState()
                        == wanted);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE.toSeconds() + " s until " + what);
            }
            Thread.sleep(10);
        }
    }
}
