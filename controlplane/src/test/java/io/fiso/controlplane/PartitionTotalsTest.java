// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class PartitionTotalsTest {
    private static final Predicate<String> ALL = _ -> true;

    private static final ReplicaId ONE = new ReplicaId("orders", 0);
    private static final ReplicaId OTHER = new ReplicaId("orders", 1);

    private final PartitionTotals totals = new PartitionTotals();

    @Test
    void addsUpThePartitionsOfAllReplicas() {
        totals.report(ONE, holding(partition("a", 6, 4, 5), partition("b", 1, 0, 1)));
        totals.report(OTHER, holding(partition("c", 10, 2, 10)));
        totals.report(new ReplicaId("refunds", 0), holding(partition("a", 100, 0, 0)));

        assertThat(totals.accepted(ALL)).isEqualTo(123);
        assertThat(totals.unsettled(ALL)).isEqualTo(6);
        assertThat(totals.settled(ALL).getDelivered()).isEqualTo(117);
    }

    @Test
    void keepsTheLastWordOfAPartitionUntilItsNextHolderSpeaks() {
        totals.report(ONE, holding(partition("a", 6, 4, 5), partition("b", 1, 0, 1)));
        totals.report(ONE, holding(partition("b", 2, 0, 1)));
        assertThat(totals.accepted(ALL)).as("released, and nobody has it").isEqualTo(12);
        assertThat(totals.of(ONE)).hasSize(2);

        totals.report(OTHER, holding(partition("a", 7, 0, 6)));

        assertThat(totals.accepted(ALL)).isEqualTo(9);
        assertThat(totals.of(ONE)).hasSize(1);
        assertThat(totals.of(OTHER)).hasSize(1);
    }

    @Test
    void tellsWhenCommittedTotalsGoBack() {
        totals.report(ONE, holding(partition("a", 6, 4, 5)));

        assertThat(totals.report(ONE, holding(partition("a", 4, 0, 4))))
                .containsExactly(new PartitionTotals.Regress(new PartitionTotals.Key("orders", "a"), 5, 4));
        assertThat(totals.report(ONE, holding(partition("a", 5, 0, 5)))).isEmpty();
    }

    @Test
    void aLateWordOfTheLastHolderIsNoRegress() {
        totals.report(OTHER, holding(partition("a", 7, 0, 6)));

        assertThat(totals.report(ONE, holding(partition("a", 6, 4, 5)))).isEmpty();

        assertThat(totals.accepted(ALL)).isEqualTo(7);
        assertThat(totals.report(OTHER, holding(partition("a", 8, 0, 7)))).isEmpty();
        assertThat(totals.accepted(ALL)).isEqualTo(8);
    }

    @Test
    void aHolderThatInsistsOnFewerIsBelievedAndReported() {
        totals.report(OTHER, holding(partition("a", 7, 0, 6)));
        totals.report(ONE, holding(partition("a", 0, 0, 0)));

        assertThat(totals.report(ONE, holding(partition("a", 1, 0, 0)))).hasSize(1);
        assertThat(totals.accepted(ALL)).isEqualTo(1);
    }

    @Test
    void addsUpSomeSourcesAlone() {
        totals.report(ONE, holding(partition("a", 6, 4, 5)));
        totals.report(new ReplicaId("refunds", 0), holding(partition("a", 100, 0, 0)));

        assertThat(totals.accepted("refunds"::equals)).isEqualTo(100);
        assertThat(totals.unsettled("orders"::equals)).isEqualTo(4);
        assertThat(totals.settled("orders"::equals).getDelivered()).isEqualTo(6);
    }

    @Test
    void whatWaitsIsKnownOnceItIsOfEveryPartition() {
        assertThat(totals.waiting("orders")).isEmpty();
        totals.report(ONE, holding(waiting("a", 3), waiting("b", -1)));
        assertThat(totals.waiting("orders")).isEmpty();

        totals.report(ONE, holding(waiting("b", 4)));

        assertThat(totals.waiting("orders")).hasValue(7);
    }

    private static PartitionProgress waiting(String name, long lag) {
        return partition(name, 0, 0, 0).toBuilder().setLag(lag).build();
    }

    private static Progress holding(PartitionProgress... partitions) {
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
}
