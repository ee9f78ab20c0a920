// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.Status;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StartRunRequest;
import io.fiso.proto.control.v1.StopRunRequest;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A control plane for many pipelines, whose runs outlive it. */
@Timeout(240)
class ServerTest extends LiveControlPlane {
    private final AtomicBoolean platformAnswers = new AtomicBoolean(true);

    @Test
    void servesSeveralPipelinesEachInItsOwnDirectory() throws Exception {
        ControlPlane server = server();
        Run p = startRun(server, "p");
        Run q = startRun(server, "q");
        await(server, p, RunState.RUN_STATE_RUNNING);
        await(server, q, RunState.RUN_STATE_RUNNING);

        assertThat(pipelines(server)
                        .listRuns(ListRunsRequest.getDefaultInstance())
                        .getRunsList())
                .extracting(Run::getId)
                .containsExactlyInAnyOrder(p.getId(), q.getId());
        assertThat(ControlFile.allLive(state))
                .as("one, whatever it runs")
                .singleElement()
                .satisfies(file -> assertThat(file.server()).isTrue());
        assertThat(ControlFile.findLive(home("p")).orElseThrow().run()).isEqualTo(p.getId());
        assertThat(ControlFile.findLive(home("q")).orElseThrow().run()).isEqualTo(q.getId());
        assertThat(driver.specs)
                .extracting(spec -> spec.contract().get("FISO_CONTROL_FILE"))
                .contains(home("p").resolve("control/address.json").toString());
    }

    @Test
    void givesAPipelineBackWhenItsRunHasEndedAndStillTellsOfIt() throws Exception {
        ControlPlane server = server();
        Run run = startRun(server, "p");
        await(server, run, RunState.RUN_STATE_RUNNING);

        pipelines(server).stopRun(StopRunRequest.newBuilder().setRun("p").build());
        Run last = watchToTheEnd(server, run);

        assertThat(last.getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        await("the directory is given back", () -> Files.notExists(home("p").resolve(ControlFile.NAME)));
        assertThat(pipelines(server)
                        .listRuns(ListRunsRequest.getDefaultInstance())
                        .getRunsList())
                .extracting(Run::getState)
                .containsExactly(RunState.RUN_STATE_STOPPED);
        assertThat(RunHistory.read(home("p"))).extracting(Run::getId).containsExactly(run.getId());
        assertThat(startRun(server, "p").getId()).isNotEqualTo(run.getId());
    }

    @Test
    void andAForegroundRunRefuseEachOthersPipelines() throws Exception {
        ControlPlane server = server();
        Run run = startRun(server, "p");
        assertThatThrownBy(() -> start("p"))
                .hasMessageContaining("running here already")
                .hasMessageContaining(run.getId());

        ControlPlane foreground = start("q");
        Run other = startRun(foreground, "q");
        assertThatThrownBy(() -> startRun(server, "q"))
                .hasMessageContaining("running here already")
                .hasMessageContaining(other.getId())
                .satisfies(error -> assertStatus(error, Code.ALREADY_EXISTS));
    }

    @Test
    void isAloneInItsStateDirectory() {
        ControlPlane server = server();

        assertThatThrownBy(this::server)
                .hasMessageContaining("a server is running here already")
                .hasMessageContaining(":" + server.grpcPort());
    }

    @Test
    void leavesItsRunsRunningAndItsSuccessorGoesOnWithThemUnasked() throws Exception {
        ControlPlane server = server();
        Run p = startRun(server, "p");
        Run q = startRun(server, "q");
        await(server, p, RunState.RUN_STATE_RUNNING);
        await(server, q, RunState.RUN_STATE_RUNNING);

        server.close();
        assertThat(driver.started).hasSize(6).allMatch(instance -> instance.inspect() instanceof Status.Running);
        assertThat(ControlFile.findLeftByServer(home("p"))).isEmpty();
        forgetTheProcess("p", "q");

        ControlPlane next = server();

        awaitTaken(next, p);
        awaitTaken(next, q);
        assertThat(driver.started).as("nothing is started twice").hasSize(6);
        pipelines(next).stopRun(StopRunRequest.newBuilder().setRun("q").build());
        assertThat(watchToTheEnd(next, q).getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
    }

    @Test
    void startsARunAgainOfWhichNothingIsLeftAsAfterARestartOfTheMachine() throws Exception {
        ControlPlane server = server();
        Run run = startRun(server, "p");
        await(server, run, RunState.RUN_STATE_RUNNING);
        server.close();
        forgetTheProcess("p");
        List.of("orders", "normalize", "callback").forEach(driver::lose);

        ControlPlane next = server();

        await("all are started again", () -> driver.started.size() == 6);
        await(next, run, RunState.RUN_STATE_RUNNING);
    }

    @Test
    void takesNothingForDeadWhileThePlatformDoesNotAnswer() throws Exception {
        ControlPlane server = server();
        Run run = startRun(server, "p");
        await(server, run, RunState.RUN_STATE_RUNNING);
        server.close();
        forgetTheProcess("p");
        platformAnswers.set(false);

        ControlPlane next = server();
        assertThatThrownBy(() -> startRun(next, "p"))
                .hasMessageContaining("not taken over yet")
                .satisfies(error -> assertStatus(error, Code.FAILED_PRECONDITION));
        await("why", () -> {
            try {
                startRun(next, "p");
                return true;
            } catch (io.grpc.StatusRuntimeException e) {
                return String.valueOf(e.getMessage()).contains("the platform is away");
            }
        });
        assertThat(driver.started).hasSize(3);

        platformAnswers.set(true);
        awaitTaken(next, run);
        assertThat(driver.started).hasSize(3);
    }

    @Test
    void takesOverAForegroundRunWhenAskedForItsPipeline() throws Exception {
        ControlPlane server = server();
        Run run = startRun(server, "p");
        await(server, run, RunState.RUN_STATE_RUNNING);
        server.close();
        // As a killed foreground run would have left it: no server's file.
        Files.delete(home("p").resolve(ControlFile.NAME));

        ControlPlane next = server();
        assertThat(pipelines(next)
                        .listRuns(ListRunsRequest.getDefaultInstance())
                        .getRunsCount())
                .isZero();
        Run taken = pipelines(next)
                .startRun(StartRunRequest.newBuilder()
                        .setYaml("p")
                        .setFile("p.yaml")
                        .build())
                .getRun();

        assertThat(taken.getId()).isEqualTo(run.getId());
        assertThat(driver.started).hasSize(3);
    }

    private Path home(String pipeline) {
        return ControlPlaneConfig.pipelineDirectory(state, pipeline);
    }

    private ControlPlane server() {
        ControlPlaneConfig config = ControlPlaneConfig.forServer(
                        state, List.of(new SometimesAway()), (yaml, _, _) -> Pipelines.linear(yaml))
                .withPorts(OptionalInt.of(0), OptionalInt.of(0));
        return opened(ControlPlane.start(config));
    }

    /** This test is the process of both servers; what the first one left shall be a dead one's. */
    private void forgetTheProcess(String... pipelines) throws Exception {
        for (String pipeline : pipelines) {
            ControlFile left = ControlFile.read(home(pipeline)).orElseThrow();
            new ControlFile(
                            left.pid(),
                            "an-earlier-boot/1",
                            left.grpcPort(),
                            left.httpPort(),
                            left.token(),
                            left.pipeline(),
                            left.run(),
                            left.server(),
                            left.tlsDirectory())
                    .write(home(pipeline));
        }
    }

    private void awaitTaken(ControlPlane server, Run run) throws Exception {
        await(
                run.getPipeline() + " is taken over",
                () -> pipelines(server)
                        .listRuns(ListRunsRequest.newBuilder()
                                .setPipeline(run.getPipeline())
                                .setActive(true)
                                .build())
                        .getRunsList()
                        .stream()
                        .anyMatch(known -> known.getId().equals(run.getId())));
        await(server, run, RunState.RUN_STATE_RUNNING);
    }

    /** The driver of these tests, whose platform can be out of reach. */
    private final class SometimesAway implements Driver {
        @Override
        public String name() {
            return driver.name();
        }

        @Override
        public io.fiso.driver.Capabilities capabilities() {
            return driver.capabilities();
        }

        @Override
        public io.fiso.driver.Reach reach() {
            return driver.reach();
        }

        @Override
        public Handle intent(io.fiso.driver.LaunchSpec spec) {
            return driver.intent(spec);
        }

        @Override
        public Instance start(io.fiso.driver.LaunchSpec spec) {
            return driver.start(spec);
        }

        @Override
        public Optional<Instance> recover(Handle handle) throws DriverException {
            if (!platformAnswers.get()) {
                throw new DriverException("driver.away", "the platform is away");
            }
            return driver.recover(handle);
        }

        @Override
        public void close() {
            driver.close();
        }
    }
}
