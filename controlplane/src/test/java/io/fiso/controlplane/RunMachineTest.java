// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Status;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.UpstreamReplica;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunMachineTest {
    private static final ReplicaId SOURCE = new ReplicaId("orders", 0);
    private static final ReplicaId PROCESSOR = new ReplicaId("normalize", 0);
    private static final ReplicaId SINK = new ReplicaId("callback", 0);
    private static final List<ReplicaId> ALL = List.of(SOURCE, PROCESSOR, SINK);

    private long millis = 1_000_000;
    private Instant wall = Instant.parse("2026-01-01T00:00:00Z");
    private RunMachine machine = machine(Pipelines.linear("p"), 0);
    private final List<Effect> effects = new ArrayList<>();
    private final Map<ReplicaId, String> instances = new HashMap<>();
    private int nextInstance;

    @Test
    void startsEveryComponentAtOnceAndIsRunningWhenAllAnswer() {
        tick();
        assertThat(launched()).containsExactlyElementsOf(ALL);
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STARTING);

        up(SOURCE);
        up(PROCESSOR);
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STARTING);
        assertThat(run().getReason()).contains("callback").contains("being started");
        up(SINK);

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        assertThat(run().getReason()).isEmpty();
    }

    @Test
    void grantsGenerationsThatOnlyGrow() {
        machine = machine(Pipelines.linear("p"), 41);
        tick();

        assertThat(register(SINK).generation).isEqualTo(42);
        assertThat(register(SOURCE).generation).isEqualTo(43);
        crash(SINK);
        later(Duration.ofMillis(200));
        assertThat(register(SINK).generation).isEqualTo(44);
    }

    @Test
    void repeatsTheGrantOfAnInstanceThatRegistersAgain() {
        tick();
        long generation = register(SINK).generation;

        Replica again = machine.register(request(SINK, instance(SINK), "127.0.0.1:999"), now());

        assertThat(again.generation).isEqualTo(generation);
        assertThat(again.registration().orElseThrow().address()).isEqualTo("127.0.0.1:999");
    }

    @Test
    void refusesASecondLiveInstanceAndNamesBoth() {
        tick();
        register(SINK);

        assertThatThrownBy(() -> machine.register(request(SINK, "stranger", "127.0.0.1:6666"), now()))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining("127.0.0.1:6666")
                .hasMessageContaining("callback:1");
    }

    @Test
    void tellsAReplacedInstanceToExit() {
        tick();
        Replica sink = register(SINK);
        String old = instance(SINK);
        long generation = sink.generation;
        crash(SINK);

        assertThatThrownBy(() -> machine.register(request(SINK, old, "127.0.0.1:1"), now()))
                .hasMessageContaining("must exit");
        assertThatThrownBy(() -> machine.heartbeat("callback", old, generation, 0, now()))
                .hasMessageContaining("must exit");
        assertThatThrownBy(() -> machine.heartbeat("callback", "nobody", 1, 0, now()))
                .hasMessageContaining("register again");
    }

    @Test
    void aReplicaIsGivenToTheProcessThatWasLaunchedForIt() {
        machine = machine(Pipelines.replicated("p", 2), 0);
        tick();
        machine.launched(new ReplicaId("callback", 0), 1, 100);
        machine.launched(new ReplicaId("callback", 1), 1, 101);

        Replica second = machine.register(
                request(SINK, "b", "127.0.0.1:2").toBuilder().setPid(101).build(), now());
        Replica first = machine.register(
                request(SINK, "a", "127.0.0.1:1").toBuilder().setPid(100).build(), now());

        assertThat(second.id().index()).isEqualTo(1);
        assertThat(first.id().index()).isZero();
    }

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
    void wallClockJumpsChangeNothing() {
        allUp();
        wall = wall.plus(Duration.ofHours(1));
        tick();
        wall = wall.minus(Duration.ofHours(2));
        tick();

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        assertThat(stopped()).isEmpty();
    }

    @Test
    void aBoundedRunCompletesWithExactCountsWhenEverybodyIsDone() {
        allUp();
        Progress source = Progress.newBuilder()
                .setEventsIn(10)
                .setSettled(FateCounts.newBuilder().setDelivered(7).setFailed(2).setFiltered(1))
                .build();
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_DONE, source);
        describe(PROCESSOR, ComponentPhase.COMPONENT_PHASE_DONE, Progress.getDefaultInstance());
        assertThat(stopped()).isEmpty();

        describe(
                SINK,
                ComponentPhase.COMPONENT_PHASE_DONE,
                Progress.newBuilder().setEventsOut(7).build());
        assertThat(stopped()).containsExactly(SOURCE);
        end(SOURCE, Status.Ended.exit(0));
        assertThat(stopped()).containsExactly(PROCESSOR);
        end(PROCESSOR, Status.Ended.exit(0));
        assertThat(stopped()).containsExactly(SINK);
        end(SINK, Status.Ended.signal(15));

        Run run = run();
        assertThat(run.getState()).isEqualTo(RunState.RUN_STATE_COMPLETED);
        assertThat(run.getAccepted()).isEqualTo(10);
        assertThat(run.getTotals().getDelivered()).isEqualTo(7);
        assertThat(run.getTotals().getFailed()).isEqualTo(2);
        assertThat(run.getTotals().getFiltered()).isEqualTo(1);
        assertThat(run.getComponents(2).getProgress().getEventsOut()).isEqualTo(7);
        assertThat(run.hasEndedAt()).isTrue();
        assertThat(run.hasFirstError()).isFalse();
    }

    @Test
    void aRunIsNotCompleteWhileSomethingIsInFlight() {
        allUp();
        for (ReplicaId id : ALL) {
            describe(
                    id,
                    ComponentPhase.COMPONENT_PHASE_DONE,
                    Progress.newBuilder().setInFlight(1).build());
        }

        assertThat(stopped()).isEmpty();
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
    }

    @Test
    void goesOnWithTheTotalsThatASourceCarriesOverACrash() {
        allUp();
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, partitions(partition("a", 6, 4, 5)));
        crash(SOURCE);

        assertThat(run().getAccepted()).as("its last word, while it is down").isEqualTo(10);
        assertThat(run().getInFlight()).isEqualTo(4);

        later(Duration.ofMillis(200));
        up(SOURCE);
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, partitions(partition("a", 7, 0, 5)));

        assertThat(run().getAccepted())
                .as("the settled but uncommitted one is accepted again")
                .isEqualTo(7);
        assertThat(run().getTotals().getDelivered()).isEqualTo(7);
        assertThat(run().getInFlight()).isZero();
    }

    private static Progress partitions(PartitionProgress... partitions) {
        return Progress.newBuilder().addAllPartitions(List.of(partitions)).build();
    }

    private static PartitionProgress partition(String name, long delivered, long unsettled, long committed) {
        return PartitionProgress.newBuilder()
                .setPartition(name)
                .setAccepted(delivered + unsettled)
                .setSettled(FateCounts.newBuilder().setDelivered(delivered))
                .setUnsettled(unsettled)
                .setCommittedSettled(FateCounts.newBuilder().setDelivered(committed))
                .build();
    }

    @Test
    void aStopDrainsSourcesFirstAndEndsSinksLast() {
        allUp();
        machine.stop(Duration.ofSeconds(30), false, now());
        assertThat(take(Effect.Drain.class)).extracting(Effect.Drain::replica).containsExactly(SOURCE);
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_DRAINING);
        sighting(3);
        sighting(0);
        assertThat(stopped()).isEmpty();
        sighting(0);

        assertThat(stopped()).containsExactly(SOURCE);
        end(SOURCE, Status.Ended.exit(0));
        assertThat(stopped()).containsExactly(PROCESSOR);
        end(PROCESSOR, Status.Ended.exit(0));
        assertThat(stopped()).containsExactly(SINK);
        end(SINK, Status.Ended.exit(0));

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(run().getReason()).contains("nothing is left to replay");
    }

    @Test
    void aDrainIsBoundedAndSaysWhatIsUncommitted() {
        allUp();
        machine.stop(Duration.ofSeconds(3), false, now());
        for (int second = 0; second < 3; second++) {
            sighting(5);
            later(Duration.ofSeconds(1));
        }

        assertThat(stopped()).containsExactly(SOURCE);
        ALL.forEach(id -> end(id, Status.Ended.exit(0)));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(run().getReason()).contains("5 events are uncommitted");
    }

    @Test
    void aSinkThatDiesDuringADrainIsRestartedSoThatTheDrainCanEnd() {
        allUp();
        machine.stop(Duration.ofSeconds(30), false, now());
        crash(SINK);
        later(Duration.ofMillis(200));

        assertThat(launched()).containsExactly(SINK);
    }

    @Test
    void aSecondStopKills() {
        allUp();
        machine.stop(Duration.ofSeconds(30), false, now());
        machine.stop(Duration.ofSeconds(30), false, now());

        assertThat(take(Effect.Stop.class))
                .allMatch(stop -> stop.grace().isZero())
                .extracting(Effect.Stop::replica)
                .containsExactlyElementsOf(ALL);
        ALL.forEach(id -> end(id, Status.Ended.signal(9)));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(run().getReason()).contains("killed on request");
    }

    @Test
    void aThirdStopKillsWhatIsBeingEnded() {
        allUp();
        machine.stop(Duration.ofSeconds(30), false, now());
        sighting(0);
        sighting(0);
        assertThat(stopped()).containsExactly(SOURCE);

        machine.stop(Duration.ofSeconds(30), false, now());

        assertThat(take(Effect.Stop.class))
                .allMatch(stop -> stop.grace().isZero())
                .extracting(Effect.Stop::replica)
                .containsExactlyElementsOf(ALL);
    }

    @Test
    void aStopBeforeAnythingRegisteredEndsTheRun() {
        tick();
        take(Effect.class);
        machine.stop(Duration.ofSeconds(30), false, now());
        assertThat(stopped()).containsExactly(SOURCE);
        end(SOURCE, Status.Ended.signal(15));
        later(Duration.ofSeconds(30));
        end(PROCESSOR, Status.Ended.signal(15));
        end(SINK, Status.Ended.signal(15));

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
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
    void wiringNamesLiveUpstreamsAndEveryDownstreamReplicaWithItsFence() {
        allUp();
        long version = machine.wiringVersion();
        var before = Wiring.snapshot(machine, "normalize");
        assertThat(before.getUpstreams(0).getReplicasList())
                .extracting(UpstreamReplica::getAddress)
                .containsExactly("orders:1");
        assertThat(before.getDownstreams(0).getTo()).isEqualTo("callback");
        assertThat(before.getDownstreams(0).getMinGenerationsList()).containsExactly(machine.replica(SINK).generation);

        crash(SOURCE);
        assertThat(Wiring.snapshot(machine, "normalize").getUpstreams(0).getReplicasList())
                .isEmpty();
        assertThat(machine.wiringVersion()).isGreaterThan(version);
        crash(SINK);
        long fence = machine.replica(SINK).generation;
        assertThat(Wiring.snapshot(machine, "normalize").getDownstreams(0).getMinGenerationsList())
                .as("the fence stays while nobody holds the replica")
                .containsExactly(fence);
        later(Duration.ofMillis(200));
        register(SINK);
        assertThat(Wiring.snapshot(machine, "normalize").getDownstreams(0).getMinGenerations(0))
                .isGreaterThan(fence);
    }

    @Test
    void whoSaysGoodbyeIsGoneNotUnhealthy() {
        allUp();
        machine.deregister("callback", instance(SINK), machine.replica(SINK).generation, "stopping", now());

        assertThat(health(SINK)).isEqualTo(Health.HEALTH_GONE);
        assertThat(take(Effect.PublishWiring.class)).hasSize(1);
    }

    // How the tests speak.

    private RunMachine machine(ResolvedPipeline pipeline, long lastGeneration) {
        return new RunMachine("r", pipeline, Timing.DEFAULT, lastGeneration, now());
    }

    private Now now() {
        return new Now(millis, wall);
    }

    private void tick() {
        machine.tick(now());
    }

    private void later(Duration time) {
        millis += time.toMillis();
        wall = wall.plus(time);
        tick();
    }

    private <E extends Effect> List<E> take(Class<E> type) {
        effects.addAll(machine.takeEffects());
        List<E> found =
                effects.stream().filter(type::isInstance).map(type::cast).toList();
        effects.removeIf(type::isInstance);
        return found;
    }

    private List<ReplicaId> launched() {
        return take(Effect.Launch.class).stream().map(Effect.Launch::replica).toList();
    }

    private List<ReplicaId> stopped() {
        return take(Effect.Stop.class).stream().map(Effect.Stop::replica).toList();
    }

    private Run run() {
        return RunView.run(machine, now());
    }

    private Health health(ReplicaId id) {
        return machine.replica(id).health(now());
    }

    private static RegisterComponentRequest request(ReplicaId id, String instance, String address) {
        return RegisterComponentRequest.newBuilder()
                .setComponent(id.component())
                .setRun("r")
                .setInstance(instance)
                .setAddress(address)
                .build();
    }

    private String instance(ReplicaId id) {
        return Objects.requireNonNull(instances.get(id), () -> id + " has not registered");
    }

    private Replica register(ReplicaId id) {
        String instance = "instance-" + ++nextInstance;
        instances.put(id, instance);
        int launch = machine.replica(id).launches;
        machine.launched(id, launch, 1_000 + nextInstance);
        return machine.register(request(id, instance, id.component() + ":" + launch), now());
    }

    private void up(ReplicaId id) {
        register(id);
        describe(id, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
    }

    private void allUp() {
        tick();
        ALL.forEach(this::up);
        take(Effect.class);
    }

    /** A sign of life of both kinds. */
    private void describe(ReplicaId id, ComponentPhase phase, Progress progress) {
        if (machine.replica(id).reachable().isPresent()) {
            heartbeat(id);
        }
        answer(id, phase, progress);
    }

    private void heartbeat(ReplicaId id) {
        machine.heartbeat(id.component(), instance(id), machine.replica(id).generation, 0, now());
    }

    private void answer(ReplicaId id, ComponentPhase phase, Progress progress) {
        String instance = instance(id);
        machine.described(
                id,
                instance,
                Optional.of(DescribeResponse.newBuilder()
                        .setComponent(id.component())
                        .setInstance(instance)
                        .setPhase(phase)
                        .setProgress(progress)
                        .build()),
                now());
    }

    /** Every registered component gives a sign of life. */
    private void alive() {
        alive(SOURCE, Progress.getDefaultInstance());
    }

    private void alive(ReplicaId one, Progress progress) {
        for (ReplicaId id : ALL) {
            describe(
                    id,
                    ComponentPhase.COMPONENT_PHASE_RUNNING,
                    id.equals(one) ? progress : Progress.getDefaultInstance());
        }
    }

    /** A source that drains with so much in flight, and two idle ones behind it. */
    private void sighting(long inFlight) {
        describe(
                SOURCE,
                ComponentPhase.COMPONENT_PHASE_DRAINING,
                Progress.newBuilder().setInFlight(inFlight).build());
        describe(PROCESSOR, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
        describe(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
    }

    private void crash(ReplicaId id) {
        end(id, Status.Ended.signal(9));
    }

    private void end(ReplicaId id, Status.Ended end) {
        machine.ended(id, machine.replica(id).launches, end, List.of(), now());
    }
}
