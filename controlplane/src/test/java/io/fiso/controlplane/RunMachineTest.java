// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.Status;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.UpstreamReplica;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a run begins, goes on and ends. */
class RunMachineTest extends VirtualRun {
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

    @Test
    void whatASourceSaysWithItsGoodbyeIsWhatTheRunShows() {
        allUp();
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, partitions(partition("a", 6_000, 0, 3_016)));
        machine.stop(Duration.ofSeconds(30), false, now());
        sighting(0);
        sighting(0);

        machine.deregister(
                "orders",
                instance(SOURCE),
                machine.replica(SOURCE).generation,
                "told to stop: drained",
                Optional.of(partitions(partition("a", 6_000, 0, 6_000))),
                now());
        ALL.forEach(id -> end(id, Status.Ended.exit(0)));

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(run().getComponents(0).getProgress().getPartitionsList())
                .containsExactly(partition("a", 6_000, 0, 6_000));
        assertThat(machine.conservation().violations()).isEmpty();
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
}
