// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Status;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.PauseRunRequest;
import io.fiso.proto.control.v1.ResumeRunRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StartRunRequest;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a run when its control plane has died. */
@Timeout(300)
class AdoptionTest extends LiveControlPlane {
    @Test
    void takesOverWhatADeadControlPlaneLeftRunning() throws Exception {
        Run run = runAndLose("p");

        ControlPlane next = successor();
        Run taken = startRun(next, "p");

        assertThat(taken.getId()).isEqualTo(run.getId());
        assertThat(next.adoption()).contains(new Adoption(run.getId(), 3, 0));
        await(next, taken, RunState.RUN_STATE_RUNNING);
        assertThat(driver.started).as("nothing was started twice").hasSize(3);
        assertThat(driver.started).allMatch(instance -> instance.inspect() instanceof Status.Running);
        ScriptedComponent sink = driver.last("callback").component;
        var registry = ComponentRegistryGrpc.newBlockingStub(
                channel(next, driver.specs.getFirst().contract().get("FISO_TOKEN")));
        assertThat(registry.registerComponent(sink.registration(0).toBuilder()
                                .setPreviousGeneration(sink.grant.getGeneration())
                                .build())
                        .getGeneration())
                .isEqualTo(sink.grant.getGeneration());
        assertThat(registry.heartbeat(HeartbeatRequest.newBuilder()
                                .setComponent("callback")
                                .setInstance(sink.instance)
                                .setGeneration(sink.grant.getGeneration())
                                .setWiringVersion(1_000)
                                .build())
                        .getWiringVersion())
                .as("versions go on from what is in force there")
                .isGreaterThan(1_000);
    }

    @Test
    void startsAgainWhatDiedWhileNobodyLooked() throws Exception {
        Run run = runAndLose("p");
        long generation = driver.last("normalize").component.grant.getGeneration();
        driver.lose("normalize");

        ControlPlane next = successor();
        Run taken = startRun(next, "p");

        assertThat(taken.getId()).isEqualTo(run.getId());
        assertThat(next.adoption()).contains(new Adoption(run.getId(), 2, 1));
        await(next, taken, RunState.RUN_STATE_RUNNING);
        assertThat(driver.started).hasSize(4);
        ScriptedComponent replacement = driver.last("normalize").component;
        await("the replacement has its grant", () -> replacement.grant.getGeneration() > generation);
        assertThat(taken.getFirstError().getMessage()).contains("while no control plane was there");
    }

    @Test
    void refusesAChangedPipelineAndLeavesWhatRunsAlone() throws Exception {
        Run run = runAndLose("p");

        ControlPlane next = successor();
        assertThatThrownBy(() -> startRun(next, "p changed"))
                .hasMessageContaining("another content")
                .hasMessageContaining(run.getId())
                .hasMessageContaining("--replace")
                .satisfies(error -> assertStatus(error, Code.ALREADY_EXISTS));
        next.close();

        assertThat(driver.started).hasSize(3);
        assertThat(driver.started).allMatch(instance -> instance.inspect() instanceof Status.Running);
    }

    @Test
    void replacesAChangedPipelineWhenAskedTo() throws Exception {
        Run run = runAndLose("p");

        ControlPlane next = successor();
        Run replacement = pipelines(next)
                .startRun(StartRunRequest.newBuilder()
                        .setYaml("p changed")
                        .setFile("p.yaml")
                        .setReplace(true)
                        .build())
                .getRun();

        assertThat(replacement.getId()).isNotEqualTo(run.getId());
        assertThat(List.copyOf(driver.started).subList(0, 3))
                .allMatch(instance -> instance.inspect() instanceof Status.Ended);
        Run old = pipelines(next)
                .getRun(GetRunRequest.newBuilder().setRun(run.getId()).build())
                .getRun();
        assertThat(old.getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(old.getReason()).contains("nothing is left to replay");
        await(next, replacement, RunState.RUN_STATE_RUNNING);
    }

    @Test
    void closesARunOfWhichNothingIsLeft() throws Exception {
        Run run = runAndLose("p");
        List.of("orders", "normalize", "callback").forEach(driver::lose);

        ControlPlane next = successor();

        assertThat(next.notices()).anyMatch(notice -> notice.contains("none of its components"));
        Run left = pipelines(next)
                .getRun(GetRunRequest.newBuilder().setRun("p").build())
                .getRun();
        assertThat(left.getState()).isEqualTo(RunState.RUN_STATE_FAILED);
        assertThat(left.getFirstError().getCode()).isEqualTo("controlplane.died");
        assertThat(startRun(next, "p").getId()).isNotEqualTo(run.getId());
    }

    @Test
    void holdsARunOverTheRestartsOfItsSourceAndOfTheControlPlane() throws Exception {
        ControlPlane controlPlane = start("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);

        Run paused = pipelines(controlPlane)
                .pauseRun(PauseRunRequest.newBuilder()
                        .setRun("p")
                        .setReason("the shop is closed")
                        .build())
                .getRun();

        assertThat(paused.getState()).isEqualTo(RunState.RUN_STATE_PAUSED);
        assertThat(paused.getReason()).isEqualTo("the shop is closed");
        await("the source is held", () -> held("orders"));
        driver.last("orders").end(Status.Ended.signal(9));
        await("the source is back and held", () -> driver.started.size() == 4 && held("orders"));
        ScriptedComponent back = driver.last("orders").component;
        await(
                "it was told with its grant, before it could emit",
                () -> back.grant.getPaused().equals("the shop is closed"));
        ControlPlane next = successor();
        assertThat(startRun(next, "p").getState()).isEqualTo(RunState.RUN_STATE_PAUSED);

        pipelines(next).resumeRun(ResumeRunRequest.newBuilder().setRun("p").build());

        await("the source goes on", () -> !held("orders"));
        await(next, run, RunState.RUN_STATE_RUNNING);
    }

    private boolean held(String source) {
        return !driver.last(source).component.progress.getPaused().isEmpty();
    }

    /** A run whose control plane was killed: what it stored is copied as it stands, its components live on. */
    private Run runAndLose(String pipeline) throws Exception {
        ControlPlane killed = start(pipeline);
        Run run = startRun(killed, pipeline);
        await(killed, run, RunState.RUN_STATE_RUNNING);
        return run;
    }

    private ControlPlane successor() throws Exception {
        Path copy = state.resolve("copy");
        copyTree(state.resolve("pipelines/p/store"), copy.resolve("pipelines/p/store"));
        return opened(ControlPlane.start(config("p").apply(copy)));
    }

    private static void copyTree(Path from, Path to) throws Exception {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.getFileName().toString().equals("xd.lck")) {
                    Files.copy(file, target);
                }
            }
        }
    }
}
