// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.Status;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is restarted, what is not, and what is said of it. */
class SupervisionTest extends VirtualRun {
    @Test
    void restartsWithGrowingPausesUntilTheBudgetIsSpent() {
        allUp();
        for (int attempt = 0; attempt < 5; attempt++) {
            crash(PROCESSOR);
            assertThat(health(PROCESSOR)).isEqualTo(attempt < 2 ? Health.HEALTH_RESTARTING : Health.HEALTH_CRASH_LOOP);
            assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_DEGRADED);
            assertThat(stopped()).as("the others keep running").isEmpty();
            later(Duration.ofMillis((200L << attempt) - 1));
            assertThat(launched()).isEmpty();
            later(Duration.ofMillis(1));
            assertThat(launched()).containsExactly(PROCESSOR);
        }

        machine.ended(PROCESSOR, 6, Status.Ended.exit(3), List.of("no such field \"x\""), now());

        assertThat(health(PROCESSOR)).isEqualTo(Health.HEALTH_CRASH_LOOP);
        assertThat(stopped()).containsExactlyInAnyOrder(SOURCE, SINK);
        end(SOURCE, Status.Ended.exit(0));
        end(SINK, Status.Ended.exit(0));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_FAILED);
        assertThat(run().getReason())
                .contains("normalize")
                .contains("no such field")
                .contains("budget");
        assertThat(run().getFirstError().getComponent()).isEqualTo("normalize");
        assertThat(run().getFirstError().getMessage()).contains("killed by signal 9");
        assertThat(run().getComponents(1).getLastStderrList()).containsExactly("no such field \"x\"");
    }

    @Test
    void oldRestartsDoNotCountAgainstTheBudget() {
        allUp();
        for (int attempt = 0; attempt < 20; attempt++) {
            crash(PROCESSOR);
            later(Duration.ofSeconds(4));
            assertThat(launched()).containsExactly(PROCESSOR);
            up(PROCESSOR);
            for (int step = 0; step < 9; step++) {
                alive();
                later(Duration.ofSeconds(20));
            }
        }

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        assertThat(run().getComponents(1).getRestarts()).isEqualTo(20);
    }

    @Test
    void aReplacementStartsOnlyAfterTheDriverConfirmedTheDeath() {
        allUp();
        for (int second = 0; second < 60; second++) {
            later(Duration.ofSeconds(1));
            describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
            describe(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
            if (second == 30) {
                assertThat(health(PROCESSOR)).isEqualTo(Health.HEALTH_UNHEALTHY);
            }
        }
        assertThat(stopped()).containsExactly(PROCESSOR);
        later(Duration.ofSeconds(10));
        assertThat(launched()).isEmpty();

        end(PROCESSOR, Status.Ended.signal(9));
        alive();
        later(Duration.ofMillis(200));

        assertThat(launched()).containsExactly(PROCESSOR);
        assertThat(run().getFirstError().getMessage()).contains("silent");
    }

    @Test
    void isHealthyAgainAsSoonAsItAnswers() {
        allUp();
        later(Duration.ofSeconds(31));
        assertThat(health(SINK)).isEqualTo(Health.HEALTH_UNHEALTHY);

        alive();

        assertThat(health(SINK)).isEqualTo(Health.HEALTH_HEALTHY);
    }

    @Test
    void whatCannotServeIsStartingAtFirstAndUnhealthyLater() {
        tick();
        register(SINK);
        machine.healthChecked(SINK, instance(SINK), Optional.of(false), now());
        assertThat(health(SINK)).isEqualTo(Health.HEALTH_STARTING);

        describe(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
        assertThat(health(SINK))
                .as("what it said before it was ready is no news")
                .isEqualTo(Health.HEALTH_HEALTHY);
        take(Effect.class);
        tick();
        assertThat(take(Effect.CheckHealth.class))
                .extracting(Effect.CheckHealth::replica)
                .containsExactly(SINK);
        machine.healthChecked(SINK, instance(SINK), Optional.of(false), now());
        assertThat(health(SINK)).isEqualTo(Health.HEALTH_UNHEALTHY);
        machine.healthChecked(SINK, instance(SINK), Optional.of(true), now());
        assertThat(health(SINK)).isEqualTo(Health.HEALTH_HEALTHY);
    }

    @Test
    void restartsWhatStallsWithWorkWaiting() {
        allUp();
        Progress stuck = Progress.newBuilder()
                .setEventsIn(7)
                .setInFlight(7)
                .setWorkWaiting(true)
                .build();
        for (int second = 0; second < 61; second++) {
            alive(PROCESSOR, stuck);
            later(Duration.ofSeconds(1));
        }

        assertThat(stopped()).containsExactly(PROCESSOR);
        assertThat(run().getComponents(1).getReason()).contains("no progress for 60 s with work waiting");
    }

    @Test
    void leavesAloneWhatWaitsForAReasonOrHasNothingToDo() {
        allUp();
        Progress holding = Progress.newBuilder()
                .setInFlight(7)
                .setWorkWaiting(true)
                .setHolding("the dead letter topic does not answer")
                .build();
        for (int second = 0; second < 300; second++) {
            alive(PROCESSOR, holding);
            later(Duration.ofSeconds(1));
        }

        assertThat(stopped()).isEmpty();
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_DEGRADED);
        assertThat(run().getReason()).contains("normalize").contains("dead letter topic");
    }

    @Test
    void aProgramThatIsMissingFailsTheRunAtOnce() {
        tick();
        machine.launchFailed(SINK, 1, "driver.program_not_found", "the program \"x\" is not in PATH", true, now());

        assertThat(stopped()).containsExactlyInAnyOrder(SOURCE, PROCESSOR);
        end(SOURCE, Status.Ended.exit(0));
        end(PROCESSOR, Status.Ended.exit(0));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_FAILED);
        assertThat(run().getFirstError().getCode()).isEqualTo("driver.program_not_found");
    }

    @Test
    void aComponentThatMustNotRestartFailsTheRun() {
        machine = machine(
                Pipelines.linear(
                        "p",
                        "fake",
                        new ResolvedComponent.Restart(
                                ResolvedComponent.Restart.Policy.NEVER,
                                Duration.ofMillis(200),
                                Duration.ofSeconds(30),
                                5,
                                Duration.ofMinutes(10))),
                0);
        allUp();
        crash(SINK);

        assertThat(stopped()).containsExactlyInAnyOrder(SOURCE, PROCESSOR);
        assertThat(machine.phase()).isInstanceOf(RunPhase.Ending.class);
    }

    @Test
    void newsOfAnEarlierLaunchIsIgnored() {
        allUp();
        crash(SINK);
        later(Duration.ofMillis(200));
        up(SINK);

        machine.ended(SINK, 1, Status.Ended.signal(9), List.of(), now());

        assertThat(health(SINK)).isEqualTo(Health.HEALTH_HEALTHY);
    }

    @Test
    void answersOfAnotherInstanceAreNoSignOfLife() {
        allUp();
        later(Duration.ofSeconds(31));

        machine.described(
                SINK,
                instance(SINK),
                Optional.of(DescribeResponse.newBuilder().setInstance("another").build()),
                now());

        assertThat(health(SINK)).isEqualTo(Health.HEALTH_UNHEALTHY);
    }

    @Test
    void whatEndsAgainAndAgainBeforeItWorksIsInACrashLoop() {
        tick();
        up(SOURCE);
        up(SINK);
        for (int attempt = 0; attempt < 2; attempt++) {
            machine.ended(
                    PROCESSOR,
                    machine.replica(PROCESSOR).launches,
                    Status.Ended.exit(1),
                    List.of("no such topic"),
                    now());
            later(Duration.ofSeconds(1));
        }

        assertThat(health(PROCESSOR)).isEqualTo(Health.HEALTH_CRASH_LOOP);
        assertThat(run().getComponents(1).getReason())
                .isEqualTo("it has ended 2 times before it was ready: no such topic");
        assertThat(run().getComponents(1).getLastStderrList()).containsExactly("no such topic");
        assertThat(health(SOURCE)).isEqualTo(Health.HEALTH_HEALTHY);

        up(PROCESSOR);
        assertThat(health(PROCESSOR)).isEqualTo(Health.HEALTH_HEALTHY);
        crash(PROCESSOR);
        assertThat(health(PROCESSOR)).isEqualTo(Health.HEALTH_RESTARTING);
    }

    @Test
    void whatFailsForGoodFailsTheRunWithoutARestart() {
        allUp();
        machine.ended(SINK, 1, Status.Ended.exit(65), List.of("event 'x' failed 3 times"), now());

        assertThat(stopped()).containsExactlyInAnyOrder(SOURCE, PROCESSOR);
        end(SOURCE, Status.Ended.exit(0));
        end(PROCESSOR, Status.Ended.exit(0));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_FAILED);
        assertThat(run().getFirstError().getCode()).isEqualTo("component.failed_for_good");
        assertThat(run().getFirstError().getMessage()).contains("event 'x' failed 3 times");
        assertThat(run().getComponents(2).getRestarts()).isZero();
    }

    @Test
    void heartbeatsWithoutAnswersAreNoHealth() {
        allUp();
        for (int second = 0; second < 60; second++) {
            later(Duration.ofSeconds(1));
            alive(SOURCE);
            alive(PROCESSOR);
            heartbeat(SINK);
            if (second == 30) {
                assertThat(health(SINK)).isEqualTo(Health.HEALTH_UNHEALTHY);
                assertThat(run().getComponents(2).getReason())
                        .isEqualTo("it sends heartbeats but has not answered for 31 s");
            }
        }
        later(Duration.ZERO);

        assertThat(stopped()).containsExactly(SINK);
    }

    @Test
    void answersWithoutHeartbeatsAreNoHealth() {
        allUp();
        for (int second = 0; second < 60; second++) {
            later(Duration.ofSeconds(1));
            alive(SOURCE);
            alive(PROCESSOR);
            answer(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
            if (second == 30) {
                assertThat(run().getComponents(2).getReason())
                        .isEqualTo("it answers but has sent no heartbeat for 31 s");
            }
        }
        later(Duration.ZERO);

        assertThat(stopped()).containsExactly(SINK);
    }

    @Test
    void aStalledSinkIsRestartedAndNotWhatWaitsForIt() {
        allUp();
        Progress waiting = Progress.newBuilder().setEventsIn(9).setInFlight(9).build();
        Progress stuck = waiting.toBuilder().setWorkWaiting(true).build();
        for (int second = 0; second < 61; second++) {
            describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, waiting);
            describe(PROCESSOR, ComponentPhase.COMPONENT_PHASE_RUNNING, waiting);
            describe(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, stuck);
            later(Duration.ofSeconds(1));
        }

        assertThat(stopped()).containsExactly(SINK);
        assertThat(run().getReason()).startsWith("component \"callback\": no progress for 60 s");
    }
}
