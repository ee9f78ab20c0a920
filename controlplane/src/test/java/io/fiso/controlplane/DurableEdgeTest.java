// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.DurableEdge;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A run with a stream between two of its components: when its second half ends, and how it is counted. */
class DurableEdgeTest extends VirtualRun {
    private static final ReplicaId IN = new ReplicaId("normalize.callback.in", 0);
    private static final ReplicaId OUT = new ReplicaId("normalize.callback.out", 0);
    private static final ReplicaId FIRST_IN = new ReplicaId("orders.normalize.in", 0);
    private static final ReplicaId FIRST_OUT = new ReplicaId("orders.normalize.out", 0);

    private void running(ResolvedPipeline pipeline) {
        machine = machine(pipeline, 0);
        tick();
        machine.replicas().forEach(replica -> up(replica.id()));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        take(Effect.class);
    }

    private void done(ReplicaId... ids) {
        for (ReplicaId id : ids) {
            describe(id, ComponentPhase.COMPONENT_PHASE_DONE, Progress.getDefaultInstance());
        }
    }

    /** The source of the durable edge describes itself, knowing of this end. */
    private void told(ReplicaId source, ComponentPhase phase, String mark) {
        describe(source, phase, Progress.newBuilder().setFinishing(mark).build());
    }

    private String finish(ReplicaId source) {
        List<Effect.Finish> told = take(Effect.Finish.class);
        assertThat(told).extracting(Effect.Finish::replica).containsExactly(source);
        return told.getFirst().mark();
    }

    private void nothingIsToldToFinish() {
        assertThat(take(Effect.Finish.class)).isEmpty();
    }

    @Test
    void theReaderIsToldToFinishWhenAllThatFeedsItsStreamHasEnded() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR);
        alive(OUT);
        nothingIsToldToFinish();

        done(IN);
        alive(OUT);

        assertThat(finish(OUT)).isEqualTo("orders-0:" + machine.replica(SOURCE).generation);
    }

    @Test
    void whatIsStillInFlightBeforeTheStreamHoldsItsEndBack() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR);
        describe(
                IN,
                ComponentPhase.COMPONENT_PHASE_DONE,
                Progress.newBuilder().setInFlight(1).build());
        alive(OUT);

        nothingIsToldToFinish();
    }

    @Test
    void theReaderIsToldAgainUntilItShowsThatItKnows() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        alive(OUT);
        String mark = finish(OUT);
        alive(OUT);
        assertThat(finish(OUT)).isEqualTo(mark);

        told(OUT, ComponentPhase.COMPONENT_PHASE_RUNNING, mark);

        nothingIsToldToFinish();
    }

    @Test
    void theRunCompletesWhenTheReaderHasEndedToo() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        alive(OUT);
        String mark = finish(OUT);
        assertThat(stopped()).isEmpty();
        told(OUT, ComponentPhase.COMPONENT_PHASE_DONE, mark);
        assertThat(stopped()).as("the last sink has not ended").isEmpty();

        done(SINK);

        assertThat(stopped()).containsExactlyInAnyOrder(SOURCE, OUT);
        machine.replicas().forEach(replica -> end(replica.id(), io.fiso.driver.Status.Ended.exit(0)));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_COMPLETED);
    }

    @Test
    void aReaderThatDiesBeforeItsEndIsToldAgainAfterItsRestart() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        alive(OUT);
        told(OUT, ComponentPhase.COMPONENT_PHASE_RUNNING, finish(OUT));
        crash(OUT);
        later(Duration.ofMillis(200));
        assertThat(launched()).containsExactly(OUT);

        up(OUT);

        finish(OUT);
    }

    @Test
    void aSinkOfTheStreamThatDiesAfterItsEndChangesNothing() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        alive(OUT);
        String mark = finish(OUT);
        crash(IN);
        told(OUT, ComponentPhase.COMPONENT_PHASE_DONE, mark);
        done(SINK);
        assertThat(run().getState()).isNotEqualTo(RunState.RUN_STATE_DRAINING);
        later(Duration.ofMillis(200));
        up(IN);

        done(IN);

        assertThat(stopped()).as("the end is the same").containsExactlyInAnyOrder(SOURCE, OUT);
    }

    @Test
    void aReaderThatKnowsAnEarlierEndIsStartedAgain() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        alive(OUT);
        String earlier = finish(OUT);
        crash(SOURCE);
        told(OUT, ComponentPhase.COMPONENT_PHASE_DONE, earlier);
        later(Duration.ofMillis(200));
        up(SOURCE);
        done(SINK);
        assertThat(stopped()).isEmpty();

        done(SOURCE);
        assertThat(stopped()).as("the run is not complete").isEmpty();
        told(OUT, ComponentPhase.COMPONENT_PHASE_DONE, earlier);

        assertThat(stopped()).containsExactly(OUT);
        told(OUT, ComponentPhase.COMPONENT_PHASE_DONE, earlier);
        assertThat(stopped()).as("once is enough").isEmpty();
        end(OUT, io.fiso.driver.Status.Ended.exit(0));
        later(Duration.ofMillis(200));
        up(OUT);
        assertThat(finish(OUT)).isNotEqualTo(earlier);
    }

    @Test
    void aSecondStreamEndsAfterTheFirst() {
        running(Pipelines.durableChain("p"));
        done(SOURCE, FIRST_IN);
        alive(FIRST_OUT);
        String first = finish(FIRST_OUT);
        // It has ended by itself, and not where it should have.
        done(FIRST_OUT, PROCESSOR, IN);
        finish(FIRST_OUT);
        alive(OUT);
        nothingIsToldToFinish();

        told(FIRST_OUT, ComponentPhase.COMPONENT_PHASE_DONE, first);
        alive(OUT);

        assertThat(finish(OUT)).isEqualTo("orders.normalize.out-0:" + machine.replica(FIRST_OUT).generation);
    }

    @Test
    void aDrainStopsTheReaderWithTheSourcesAndLeavesTheStream() {
        running(Pipelines.durable("p"));

        machine.stop(Duration.ofSeconds(30), false, now());

        assertThat(take(Effect.Drain.class)).extracting(Effect.Drain::replica).containsExactly(SOURCE, OUT);
        done(SOURCE, PROCESSOR, IN, SINK);
        alive(OUT);
        nothingIsToldToFinish();
        for (int sighting = 0; sighting < 2; sighting++) {
            done(OUT);
            machine.replicas().forEach(replica -> done(replica.id()));
        }
        machine.replicas().forEach(replica -> end(replica.id(), io.fiso.driver.Status.Ended.exit(0)));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThat(run().getReason())
                .contains("nothing is left to replay", "the stream of normalize -> callback stays for the next run");
    }

    @Test
    void aPauseHoldsTheReaderToo() {
        running(Pipelines.durable("p"));

        machine.pause("maintenance");

        assertThat(take(Effect.Pause.class)).extracting(Effect.Pause::replica).containsExactly(SOURCE, OUT);
    }

    @Test
    void theSumsOfTheRunAreThoseOfTheUsersSources() {
        running(Pipelines.durable("p"));
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, partition(100, 0, 0, -1));
        describe(OUT, ComponentPhase.COMPONENT_PHASE_RUNNING, partition(55, 5, 3, 37));

        assertThat(run().getAccepted()).isEqualTo(100);
        assertThat(run().getTotals())
                .isEqualTo(FateCounts.newBuilder().setDelivered(100).build());
        DurableEdge edge = run().getDurableEdges(0);
        assertThat(edge.getFrom() + edge.getTo()).isEqualTo("normalizecallback");
        assertThat(edge.getAccepted()).isEqualTo(63);
        assertThat(edge.getTotals())
                .isEqualTo(FateCounts.newBuilder().setDelivered(55).setFailed(5).build());
        assertThat(edge.getInFlight()).isEqualTo(3);
        assertThat(edge.getWaiting()).isEqualTo(37);
        var audit = Audit.of(run());
        assertThat(Audit.violations(audit)).isZero();
        assertThat(audit.getTotal().getAccepted()).isEqualTo(100);
        assertThat(audit.getSourcesList()).hasSize(2);
    }

    @Test
    void nothingWaitsInAStreamThatWasReadToItsEnd() {
        running(Pipelines.durable("p"));
        done(SOURCE, PROCESSOR, IN);
        describe(OUT, ComponentPhase.COMPONENT_PHASE_RUNNING, partition(55, 0, 0, 37));
        String mark = finish(OUT);
        assertThat(run().getDurableEdges(0).getWaiting()).isEqualTo(37);

        describe(
                OUT,
                ComponentPhase.COMPONENT_PHASE_DONE,
                partition(92, 0, 0, 5).toBuilder().setFinishing(mark).build());

        assertThat(run().getDurableEdges(0).getWaiting()).isZero();
    }

    @Test
    void aStoredRunKeepsItsDurableEdges() {
        RunStore store = new RunStore(new MemoryStore(), 100);
        ResolvedPipeline pipeline = Pipelines.durable("p");
        running(pipeline);

        store.begin(
                run(),
                new RunStore.LiveRun("r", "p", "", "", 1, 1, wall, Optional.empty(), "", false, List.of()),
                pipeline);

        assertThat(store.pipeline("r").orElseThrow().durableEdges()).isEqualTo(pipeline.durableEdges());
    }

    private static Progress partition(long delivered, long failed, long unsettled, long lag) {
        FateCounts fates = FateCounts.newBuilder()
                .setDelivered(delivered)
                .setFailed(failed)
                .build();
        return Progress.newBuilder()
                .addPartitions(PartitionProgress.newBuilder()
                        .setPartition("0")
                        .setAccepted(delivered + failed + unsettled)
                        .setSettled(fates)
                        .setUnsettled(unsettled)
                        .setLag(lag))
                .setSettled(fates)
                .setDeadLetters(failed)
                .build();
    }
}
