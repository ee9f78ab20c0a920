// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.control.v1.AuditLine;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditTest {
    @Test
    void holdsWhereEveryEventHasAFateOrIsInFlight() {
        AuditRunResponse audit = Audit.of(run(_ -> {}));

        assertThat(Audit.violations(audit)).isZero();
        assertThat(audit.getSourcesList()).extracting(AuditLine::getPlace).containsExactly("orders[a]", "orders[b]");
        assertThat(audit.getEdgesList()).extracting(AuditLine::getPlace).containsExactly("orders->callback#0");
        assertThat(audit.getTotal().getAccepted()).isEqualTo(30);
        assertThat(audit.getTotal().getFates().getDelivered()).isEqualTo(24);
        assertThat(audit.getTotal().getInFlight()).isEqualTo(2);
    }

    /** Each of these is one wrong count, in one place; the line that does not hold is named. */
    @ParameterizedTest
    @ValueSource(strings = {"accepted", "delivered", "failed", "filtered", "dropped", "absorbed", "unsettled"})
    void findsEveryWrongCountOfAPartition(String count) {
        AuditRunResponse audit = Audit.of(run(run -> change(run, partition -> {
            FateCounts.Builder fates = partition.getSettledBuilder();
            switch (count) {
                case "accepted" -> partition.setAccepted(partition.getAccepted() + 1);
                case "delivered" -> fates.setDelivered(fates.getDelivered() - 1);
                case "failed" -> fates.setFailed(fates.getFailed() + 1);
                case "filtered" -> fates.setFiltered(fates.getFiltered() + 1);
                case "dropped" -> fates.setDropped(fates.getDropped() + 1);
                case "absorbed" -> fates.setAbsorbed(fates.getAbsorbed() + 1);
                default -> partition.setUnsettled(partition.getUnsettled() - 1);
            }
        })));

        assertThat(audit.getSources(0).getViolation()).contains("accepted").contains("in flight");
        assertThat(audit.getSources(1).getViolation()).isEmpty();
        assertThat(audit.getTotal().getViolation()).contains("the partitions add up to");
    }

    @Test
    void saysHowManyAreMissingAndHowManyTooMany() {
        AuditRunResponse missing = Audit.of(run(run -> change(run, partition -> partition.setAccepted(23))));
        AuditRunResponse tooMany = Audit.of(run(run -> change(run, partition -> partition.setAccepted(19))));

        assertThat(missing.getSources(0).getViolation())
                .isEqualTo("accepted 23, but 18 have a fate and 2 are in flight: 3 are missing");
        assertThat(tooMany.getSources(0).getViolation()).endsWith(": 1 too many");
    }

    @Test
    void findsMoreCommittedThanSettled() {
        AuditRunResponse audit = Audit.of(run(run ->
                change(run, partition -> partition.getCommittedSettledBuilder().setFailed(3))));

        assertThat(audit.getSources(0).getViolation()).startsWith("more is committed than settled");
    }

    @Test
    void findsAnEdgeThatDoesNotAddUp() {
        AuditRunResponse audit = Audit.of(run(run -> run.getComponentsBuilder(0)
                .getProgressBuilder()
                .getOutputsBuilder(0)
                .setEvents(31)));

        assertThat(audit.getEdges(0).getViolation()).contains("1 are missing");
        assertThat(audit.getTotal().getViolation()).isEmpty();
        assertThat(Audit.violations(audit)).isEqualTo(1);
    }

    @Test
    void findsADeadLetterThatNobodyWrote() {
        AuditRunResponse audit = Audit.of(
                run(run -> run.getComponentsBuilder(0).getProgressBuilder().setDeadLetters(3)));

        assertThat(audit.getSourcesList())
                .filteredOn(line -> line.getPlace().equals("orders[dead letters]"))
                .singleElement()
                .extracting(AuditLine::getViolation)
                .isEqualTo("4 events are settled as dead-lettered, but only 3 dead letters were written");
    }

    @Test
    void findsARunWhoseTotalsAreNotThoseOfItsPartitions() {
        AuditRunResponse audit = Audit.of(run(run -> run.setAccepted(31).setInFlight(3)));

        assertThat(audit.getTotal().getViolation()).contains("accepted 30").contains("in flight 2");
    }

    @Test
    void showsWhatDidNotAddUpEarlierAtItsPlace() {
        AuditRunResponse audit = Audit.of(
                run(_ -> {}), Map.of("orders[a]", "earlier", "orders->callback#0", "there", "orders[gone]", "once"));

        assertThat(audit.getSources(0).getViolation()).isEqualTo("earlier");
        assertThat(audit.getEdges(0).getViolation()).isEqualTo("there");
        assertThat(audit.getSources(2).getPlace()).isEqualTo("orders[gone]");
        assertThat(Audit.violations(audit)).isEqualTo(3);
    }

    @Test
    void saysFromWhenAnEdgeOfARestartedComponentCounts() {
        AuditRunResponse audit = Audit.of(run(run -> {
            run.getComponentsBuilder(0).setRestarts(2).getRegisteredAtBuilder().setSeconds(1_767_225_600);
            run.getComponentsBuilder(0).setHealth(Health.HEALTH_RESTARTING);
        }));

        assertThat(audit.getEdges(0).getScope()).isEqualTo("since the restart of \"orders\" at 2026-01-01T00:00:00Z");
        assertThat(audit.getSources(0).getScope()).isEqualTo("this run, as of its last report");
    }

    @Test
    void namesReplicasOnBothEndsOfAnEdge() {
        assertThat(Audit.place("a->b", 0, 1)).isEqualTo("a->b#1");
        assertThat(Audit.place("a->b", 2, 1)).isEqualTo("a/2->b#1");
    }

    private static void change(Run.Builder run, Consumer<PartitionProgress.Builder> change) {
        change.accept(run.getComponentsBuilder(0).getProgressBuilder().getPartitionsBuilder(0));
    }

    private static Run run(Consumer<Run.Builder> change) {
        FateCounts a = FateCounts.newBuilder()
                .setDelivered(14)
                .setFailed(2)
                .setFiltered(1)
                .setDropped(1)
                .build();
        FateCounts b = FateCounts.newBuilder().setDelivered(10).build();
        Progress progress = Progress.newBuilder()
                .setSettled(FateCounts.newBuilder().setFailed(4))
                .setDeadLetters(4)
                .addPartitions(PartitionProgress.newBuilder()
                        .setPartition("a")
                        .setAccepted(20)
                        .setSettled(a)
                        .setUnsettled(2)
                        .setCommittedSettled(
                                FateCounts.newBuilder().setDelivered(12).setFailed(2)))
                .addPartitions(PartitionProgress.newBuilder()
                        .setPartition("b")
                        .setAccepted(10)
                        .setSettled(b))
                .addOutputs(EdgeProgress.newBuilder()
                        .setEdge("orders->callback")
                        .setEvents(30)
                        .setSettled(FateCounts.newBuilder().setDelivered(28))
                        .setUnsettled(2))
                .build();
        Run.Builder run = Run.newBuilder()
                .setState(RunState.RUN_STATE_RUNNING)
                .setAccepted(30)
                .setTotals(Objects.requireNonNull(Fates.sum(a, b)))
                .setInFlight(2)
                .addAllComponents(List.of(ComponentStatus.newBuilder()
                        .setComponent("orders")
                        .setKind(ComponentKind.COMPONENT_KIND_SOURCE)
                        .setHealth(Health.HEALTH_HEALTHY)
                        .setProgress(progress)
                        .build()));
        change.accept(run);
        return run.build();
    }
}
