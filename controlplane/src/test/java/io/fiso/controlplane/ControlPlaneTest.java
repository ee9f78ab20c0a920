// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Status;
import io.fiso.proto.control.v1.AuditRunRequest;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.GetComponentStatusRequest;
import io.fiso.proto.control.v1.GetComponentsRequest;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StopRunRequest;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The control plane over its real wire, with components that follow a script. */
@Timeout(300)
class ControlPlaneTest extends LiveControlPlane {
    @Test
    void runsABoundedPipelineToItsEnd() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        driver.last("orders").component.progress = Progress.newBuilder()
                .setEventsIn(10)
                .setSettled(FateCounts.newBuilder().setDelivered(10))
                .build();
        driver.started.forEach(instance -> instance.component.phase = ComponentPhase.COMPONENT_PHASE_DONE);

        Run last = watchToTheEnd(controlPlane, run);
        assertThat(last.getState()).isEqualTo(RunState.RUN_STATE_COMPLETED);
        assertThat(last.getTotals().getDelivered()).isEqualTo(10);
        assertThat(driver.started).allMatch(instance -> instance.destroyed);
        assertThat(last.getAccepted()).isEqualTo(10);
        assertThat(driver.started).allMatch(instance -> instance.inspect() instanceof Status.Ended);
    }

    @Test
    void auditsARunWhileItLivesAndAfterItsEnd() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        AuditRunRequest request =
                AuditRunRequest.newBuilder().setRun(run.getId()).build();

        driver.last("orders").component.progress = counted(10, 7);
        await(
                "the partition is counted",
                () -> pipelines(controlPlane).auditRun(request).getSourcesCount() == 1);
        AuditRunResponse live = pipelines(controlPlane).auditRun(request);
        assertThat(live.getTotal().getAccepted()).isEqualTo(10);
        assertThat(live.getTotal().getInFlight()).isEqualTo(3);
        assertThat(Audit.violations(live)).isZero();
        assertThat(get(controlPlane, "/metrics").body())
                .contains("fiso_conservation_violations{pipeline=\"p\",run=\"" + run.getId() + "\"} 0.0");

        // A source that has lost count of one event, and then seems to be well again.
        driver.last("orders").component.progress = counted(12, 10).toBuilder()
                .setPartitions(0, counted(12, 10).getPartitions(0).toBuilder().setUnsettled(1))
                .build();
        await("it is noticed", () -> Audit.violations(pipelines(controlPlane).auditRun(request)) > 0);
        assertThat(get(controlPlane, "/metrics").body()).containsPattern("fiso_conservation_violations\\{.*} [12].0");
        driver.last("orders").component.progress = counted(12, 12);
        driver.started.forEach(instance -> instance.component.phase = ComponentPhase.COMPONENT_PHASE_DONE);
        watchToTheEnd(controlPlane, run);

        AuditRunResponse ended = pipelines(controlPlane).auditRun(request);
        assertThat(ended.getTotal().getAccepted()).isEqualTo(12);
        assertThat(ended.getTotal().getViolation()).isEmpty();
        assertThat(ended.getSources(0).getPlace()).isEqualTo("orders[orders-0]");
        assertThat(ended.getSources(0).getViolation())
                .contains("accepted 12, but 10 have a fate and 1 are in flight: 1 are missing");
    }

    private static Progress counted(long accepted, long delivered) {
        return Progress.newBuilder()
                .setEventsIn(accepted)
                .setSettled(FateCounts.newBuilder().setDelivered(delivered))
                .addPartitions(PartitionProgress.newBuilder()
                        .setPartition("orders-0")
                        .setAccepted(accepted)
                        .setSettled(FateCounts.newBuilder().setDelivered(delivered))
                        .setUnsettled(accepted - delivered))
                .build();
    }

    @Test
    void startsComponentsWithTheContract() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        LaunchSpec spec = driver.specs.stream()
                .filter(started -> started.component().equals("orders"))
                .findFirst()
                .orElseThrow();
        assertThat(spec.contract())
                .containsEntry("FISO_CONTROL_PLANE", "127.0.0.1:" + controlPlane.grpcPort())
                .containsEntry("FISO_COMPONENT_ID", "orders")
                .containsEntry("FISO_PIPELINE", "p")
                .containsEntry("FISO_RUN_ID", run.getId())
                .containsEntry("FISO_REPLICA", "0")
                .containsEntry("FISO_LISTEN", "127.0.0.1:0");
        assertThat(spec.contract().get("FISO_TOKEN")).isNotEqualTo(controlPlane.token());
        Path config = Path.of(spec.contract().get("FISO_CONFIG_FILE"));
        assertThat(Files.readString(config)).isEqualTo("{\"config\": {}}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-------");
        assertThat(spec.output().log())
                .isEqualTo(state.resolve("pipelines/p/runs/" + run.getId() + "/logs/orders-0.log"));
    }

    @Test
    void wiresNeighboursAndTellsOfChanges() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        ScriptedComponent sink = driver.last("callback").component;
        String first = driver.last("normalize").component.address();
        long generation = driver.last("normalize").component.grant.getGeneration();
        await("the sink's wiring names the processor", () -> upstreams(sink).equals(List.of(first)));

        driver.last("normalize").end(Status.Ended.signal(9));

        await("the processor runs again", () -> driver.started.size() == 4);
        String second = driver.last("normalize").component.address();
        await("the sink's wiring names the new processor", () -> upstreams(sink).equals(List.of(second)));
        assertThat(sink.wiring)
                .extracting(io.fiso.proto.control.v1.WatchWiringResponse::getVersion)
                .isSorted()
                .doesNotHaveDuplicates();
        ScriptedComponent replacement = driver.last("normalize").component;
        await("the replacement has its grant", () -> replacement.grant.getGeneration() > generation);
    }

    @Test
    void stopsOnRequestAfterADrain() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        pipelines(controlPlane).stopRun(StopRunRequest.newBuilder().setRun("p").build());

        Run last = watchToTheEnd(controlPlane, run);
        assertThat(last.getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(last.getReason()).contains("nothing is left to replay");
        assertThatThrownBy(() -> pipelines(controlPlane)
                        .stopRun(StopRunRequest.newBuilder().setRun("p").build()))
                .satisfies(error -> assertStatus(error, Code.FAILED_PRECONDITION));
    }

    @Test
    void refusesASecondRunOfTheSamePipelineButTakesAnother() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");

        assertThatThrownBy(() -> startRun(controlPlane, "p"))
                .hasMessageContaining("running already")
                .hasMessageContaining(run.getId())
                .satisfies(error -> assertStatus(error, Code.ALREADY_EXISTS));
        assertThat(startRun(controlPlane, "q").getPipeline()).isEqualTo("q");
    }

    @Test
    void saysEveryProblemOfAPipelineThatIsInvalid() {
        ControlPlane controlPlane = start("p");

        assertThatThrownBy(() -> startRun(controlPlane, "invalid"))
                .hasMessageContaining("first problem")
                .hasMessageContaining("second problem")
                .satisfies(error -> assertStatus(error, Code.INVALID_ARGUMENT));
        assertThatThrownBy(() -> startRun(controlPlane, "docker"))
                .hasMessageContaining("driver \"docker\" is not available")
                .satisfies(error -> assertStatus(error, Code.INVALID_ARGUMENT));
    }

    @Test
    void remembersRunsOverARestart() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        pipelines(controlPlane)
                .stopRun(StopRunRequest.newBuilder()
                        .setRun(run.getId())
                        .setKill(true)
                        .build());
        watchToTheEnd(controlPlane, run);
        long generation = driver.last("callback").component.grant.getGeneration();
        controlPlane.close();

        ControlPlane next = start("p");
        List<Run> history = pipelines(next)
                .listRuns(ListRunsRequest.newBuilder().setPipeline("p").build())
                .getRunsList();

        assertThat(history).extracting(Run::getId).containsExactly(run.getId());
        assertThat(history.getFirst().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(history.getFirst().getReason()).contains("killed on request");
        Run second = startRun(next, "p");
        await(next, second, RunState.RUN_STATE_RUNNING);
        assertThat(driver.last("orders").component.grant.getGeneration()).isGreaterThan(generation);
    }

    @Test
    void keepsTheNewestRunsAndTheirFiles() throws Exception {
        for (String old : List.of("20200101-000000-0000", "20200102-000000-0000", "20200103-000000-0000")) {
            Files.createDirectories(state.resolve("pipelines/p/runs/" + old + "/logs"));
            Files.writeString(state.resolve("pipelines/p/runs/" + old + "/logs/orders-0.log"), "x");
        }
        ControlPlane controlPlane =
                opened(ControlPlane.start(config("p").apply(state).withKeepRuns(2)));

        Run run = startRun(controlPlane, "p");

        await("one old run is left", () -> runDirectories().equals(List.of("20200103-000000-0000", run.getId())));
    }

    private List<String> runDirectories() {
        try (var runs = Files.list(state.resolve("pipelines/p/runs"))) {
            return runs.map(directory -> directory.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void findsComponentsByKindTypeMetadataAndHealth() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        assertThat(find(controlPlane, GetComponentsRequest.newBuilder()))
                .containsExactly("callback", "normalize", "orders");
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().setKind(ComponentKind.COMPONENT_KIND_SINK)))
                .containsExactly("callback");
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().putMetadata("team", "orders")))
                .hasSize(3);
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().putMetadata("team", "other")))
                .isEmpty();
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().setHealth(Health.HEALTH_HEALTHY)))
                .hasSize(3);
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().setHealth(Health.HEALTH_UNHEALTHY)))
                .isEmpty();
        assertThat(find(controlPlane, GetComponentsRequest.newBuilder().setRun("another")))
                .isEmpty();
        ComponentStatus status = ComponentRegistryGrpc.newBlockingStub(channel(controlPlane, controlPlane.token()))
                .getComponentStatus(GetComponentStatusRequest.newBuilder()
                        .setComponent("orders")
                        .build())
                .getStatus();
        assertThat(status.getDownstreamList()).containsExactly("normalize");
        assertThat(status.getAddress())
                .isEqualTo(driver.last("orders").component.address());
    }

    @Test
    void tellsUnknownAndStaleInstancesApart() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        ScriptedComponent sink = driver.last("callback").component;
        var registry = ComponentRegistryGrpc.newBlockingStub(channel(controlPlane, controlPlane.token()));

        assertThatThrownBy(() -> registry.heartbeat(HeartbeatRequest.newBuilder()
                        .setComponent("callback")
                        .setInstance("nobody")
                        .build()))
                .satisfies(error -> assertStatus(error, Code.NOT_FOUND));
        assertThatThrownBy(() -> registry.heartbeat(HeartbeatRequest.newBuilder()
                        .setComponent("callback")
                        .setInstance(sink.instance)
                        .setGeneration(sink.grant.getGeneration() - 1)
                        .build()))
                .satisfies(error -> assertStatus(error, Code.FAILED_PRECONDITION));
        assertThatThrownBy(() -> registry.registerComponent(sink.registration(0).toBuilder()
                        .setInstance("second")
                        .setAddress("127.0.0.1:6666")
                        .build()))
                .hasMessageContaining("127.0.0.1:6666")
                .hasMessageContaining(sink.address())
                .satisfies(error -> assertStatus(error, Code.ALREADY_EXISTS));
        assertThat(registry.heartbeat(HeartbeatRequest.newBuilder()
                                .setComponent("callback")
                                .setInstance(sink.instance)
                                .setGeneration(sink.grant.getGeneration())
                                .build())
                        .getWiringVersion())
                .isPositive();
    }

    @Test
    void wantsATokenOnEveryCall() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        ManagedChannel stranger = channel(controlPlane, "0".repeat(64));
        ManagedChannel component = driver.last("orders").component.channel();

        assertThatThrownBy(() ->
                        PipelineServiceGrpc.newBlockingStub(stranger).listRuns(ListRunsRequest.getDefaultInstance()))
                .satisfies(error -> assertStatus(error, Code.UNAUTHENTICATED));
        assertThatThrownBy(() -> HealthGrpc.newBlockingStub(stranger).check(HealthCheckRequest.getDefaultInstance()))
                .satisfies(error -> assertStatus(error, Code.UNAUTHENTICATED));
        assertThatThrownBy(() ->
                        PipelineServiceGrpc.newBlockingStub(component).listRuns(ListRunsRequest.getDefaultInstance()))
                .as("a component's token opens the registry only")
                .satisfies(error -> assertStatus(error, Code.UNAUTHENTICATED));
        assertThat(HealthGrpc.newBlockingStub(channel(controlPlane, controlPlane.token()))
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(io.grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void showsMetricsAndProbesOverHttp() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        assertThat(get(controlPlane, "/healthz").statusCode()).isEqualTo(200);
        assertThat(get(controlPlane, "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(controlPlane, "/nothing").statusCode()).isEqualTo(404);
        assertThat(get(controlPlane, "/metrics").body())
                .contains("fiso_run_state{pipeline=\"p\",state=\"RUNNING\"} 1")
                .contains("fiso_run_events_total{fate=\"delivered\",pipeline=\"p\"}")
                .contains("fiso_run_component_healthy{component=\"orders\",pipeline=\"p\",replica=\"0\"} 1");
    }

    @Test
    void isFoundByItsFileForAsLongAsItLives() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");

        ControlFile found = ControlFile.findLive(state.resolve("pipelines/p")).orElseThrow();

        assertThat(found.grpcPort()).isEqualTo(controlPlane.grpcPort());
        assertThat(found.token()).isEqualTo(controlPlane.token());
        assertThat(found.run()).isEqualTo(run.getId());
        assertThat(ControlFile.allLive(state)).containsExactly(found);
        Path file = state.resolve("pipelines/p").resolve(ControlFile.NAME);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> start("p"))
                .hasMessageContaining("running here already")
                .hasMessageContaining(run.getId());
        controlPlane.close();
        assertThat(file).doesNotExist();
        assertThat(ControlFile.allLive(state)).isEmpty();
    }

    @Test
    void aFileOfADeadProcessIsNoControlPlane() throws Exception {
        Path home = Files.createDirectories(state.resolve("pipelines/p"));
        new ControlFile(
                        ProcessHandle.current().pid(),
                        "an-earlier-boot/1",
                        1,
                        2,
                        "t",
                        "p",
                        "r",
                        false,
                        Optional.empty())
                .write(home);

        assertThat(ControlFile.findLive(home)).isEmpty();
    }

    @Test
    void choosesAnotherPortAndSaysSoUnlessThatPortWasAskedFor() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            OptionalInt port = OptionalInt.of(taken.getLocalPort());
            assertThatThrownBy(() -> ControlPlane.start(config("p").apply(state).withPorts(port, OptionalInt.of(0))))
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("ask for another");
            // Nothing is left behind by the failure: the directory is free.
            start("p");
        }
        var bound = Ports.bind("gRPC", Ports.LOOPBACK, 9, OptionalInt.empty(), address -> {
            if (address.getPort() == 9) {
                throw new java.io.IOException("taken");
            }
            return address.getPort();
        });
        assertThat(bound.notice().orElseThrow()).contains("port 9 is taken");
    }

    @Test
    void severalControlPlanesLiveSideBySide() throws Exception {
        ControlPlane first = start("p");
        ControlPlane second = start("q");
        Run one = startRun(first, "p");
        Run other = startRun(second, "q");

        await(first, one, RunState.RUN_STATE_RUNNING);
        await(second, other, RunState.RUN_STATE_RUNNING);
        assertThat(ControlFile.allLive(state)).extracting(ControlFile::pipeline).containsExactly("p", "q");
    }
}
