// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Until;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StartPositionsTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    private final Cluster cluster = new Cluster();
    private TopicMemory.Past past = TopicMemory.Past.NEW;

    @Test
    void startsWhereAskedAndNotesHowManyPartitionsThereAre() {
        cluster.partition(0, 5, 20).partition(1, 0, 7);
        assertThat(positions(starts(new StartOffset.Latest()), 0, 1)).containsExactly(20L, 7L);
        assertThat(positions(starts(new StartOffset.Earliest()), 0, 1)).containsExactly(5L, 0L);
        assertThat(positions(starts(new StartOffset.Since(NOW)), 0, 1)).containsExactly(6L, 1L);
        StartPositions.Start start =
                resolve(starts(new StartOffset.Latest()), 0).starts().get(partition(0));
        assertThat(start.note().partitions()).isEqualTo(2);
        assertThat(start.committed()).isFalse();
    }

    @Test
    void goesOnAtTheCommittedPositionWithItsLedger() {
        cluster.partition(0, 0, 20).commit(0, 12, new CommitNote(1, Optional.empty(), "twelve"));
        StartPositions.Start start =
                resolve(starts(new StartOffset.Latest()), 0).starts().get(partition(0));
        assertThat(start).isEqualTo(new StartPositions.Start(12, new CommitNote(1, Optional.empty(), "twelve"), true));
    }

    @Test
    void readsAPartitionThatAppearedLaterFromItsBeginning() {
        cluster.partition(0, 0, 20).partition(1, 3, 9).commit(0, 20, new CommitNote(1, Optional.empty(), ""));
        assertThat(positions(starts(new StartOffset.Latest()), 0, 1)).containsExactly(20L, 3L);
    }

    @Test
    void keepsWhatTheFirstMemberFoundForOthersThatStartWithIt() {
        cluster.partition(0, 0, 20).partition(1, 0, 9).commit(0, 20, new CommitNote(2, Optional.empty(), ""));
        assertThat(positions(starts(new StartOffset.Latest()), 1)).containsExactly(9L);
    }

    @Test
    void tellsThatNobodyHasReadTheOthers() {
        cluster.partition(0, 0, 20).partition(1, 0, 9).commit(0, 20, new CommitNote(1, Optional.empty(), ""));
        assertThat(resolve(starts(new StartOffset.Latest()), 0).othersUnread()).isTrue();
        assertThat(resolve(starts(new StartOffset.Latest()), 0, 1).othersUnread())
                .isFalse();
    }

    @Test
    void readsATopicThatWasCreatedSinceFromItsBeginning() {
        cluster.partition(0, 2, 20);
        past = TopicMemory.Past.CREATED_SINCE;
        assertThat(positions(starts(new StartOffset.Latest()), 0)).containsExactly(2L);
    }

    @Test
    void missesPositionsThatTheClusterHasForgotten() {
        cluster.partition(0, 0, 20);
        past = TopicMemory.Past.READ;
        assertThatThrownBy(() -> resolve(starts(new StartOffset.Latest()), 0))
                .hasMessageContaining("gone from the cluster")
                .hasMessageContaining("offsets reset");
    }

    @Test
    void refusesAnOffsetThatAPartitionDoesNotHave() {
        cluster.partition(0, 5, 20).partition(1, 0, 7);
        assertThat(positions(starts(new StartOffset.At(7)), 0, 1)).containsExactly(7L, 7L);
        assertThatThrownBy(() -> resolve(starts(new StartOffset.At(8)), 0, 1))
                .hasMessageContaining("startOffset 8")
                .hasMessageContaining("orders-1 has 0 to 7");
    }

    // ---- bounded reads
    // ---------------------------------------------------------------------------------------------------

    @Test
    void fixesTheEndWhenTheReadBegins() {
        cluster.partition(0, 0, 20);
        assertThat(end("run-1", 0)).isEqualTo(20);
        cluster.commit(0, 5, noted("run-1", "run-1", 20)).partition(0, 0, 50);

        assertThat(end("run-1", 0)).as("after a crash").isEqualTo(20);
        assertThat(end("run-2", 0)).as("in the next run").isEqualTo(20);
    }

    @Test
    void beginsAnewWhenTheLastReadWasFinished() {
        cluster.partition(0, 0, 50).commit(0, 20, noted("run-1", "run-1", 20));
        assertThat(end("run-1", 0)).as("in the run that finished it").isEqualTo(20);
        assertThat(end("run-2", 0)).as("in the next run").isEqualTo(50);
    }

    @Test
    void goesOnWithEveryPartitionOfAnUnfinishedRead() {
        cluster.partition(0, 0, 50)
                .partition(1, 0, 50)
                .commit(0, 20, noted("run-1", "run-1", 20))
                .commit(1, 5, noted("run-1", "run-1", 9));
        assertThat(end("run-2", 0)).isEqualTo(20);
        assertThat(end("run-2", 1)).isEqualTo(9);

        // A second member comes later, when the first one has finished its partition already.
        cluster.commit(1, 9, noted("run-1", "run-2", 9));
        assertThat(end("run-2", 0)).isEqualTo(20);
    }

    @Test
    void takesNoPartOfAReadWithAnotherBound() {
        cluster.partition(0, 0, 50).commit(0, 5, noted("run-1", "run-1", 20));
        StartPositions starts = starts(new Until.Time(NOW.minusSeconds(60)), "run-1");
        assertThat(backfill(starts, 0).end()).isEqualTo(1);
    }

    @Test
    void leavesAnEndInTheFutureOpen() {
        cluster.partition(0, 0, 50);
        assertThat(backfill(starts(new Until.Time(NOW.plusSeconds(60)), "run-1"), 0)
                        .end())
                .isEqualTo(Backfill.OPEN);
    }

    @Test
    void givesAPartitionThatAppearedDuringTheReadNoPart() {
        cluster.partition(0, 0, 50).partition(1, 0, 7).commit(0, 5, noted("run-1", "run-1", 20));
        StartPositions.Start start =
                resolve(starts(new Until.End(), "run-1"), 1).starts().get(partition(1));
        assertThat(start.position()).isZero();
        assertThat(start.note().backfill().orElseThrow().end()).isZero();
    }

    @Test
    void isCompleteWhenEveryPartitionThatWasThereIsThrough() {
        BackfillPlan plan = new BackfillPlan("run-1", "run-2", new Until.End());
        cluster.partition(0, 0, 50).partition(1, 0, 50).commit(0, 20, noted("run-1", "run-2", 20));
        Set<TopicPartition> both = Set.of(partition(0), partition(1));
        assertThat(plan.complete(both, cluster.committed))
                .as("one was never read")
                .isTrue();

        cluster.commit(0, 20, new CommitNote(2, noted("run-1", "run-2", 20).backfill(), ""));
        assertThat(plan.complete(both, cluster.committed)).isFalse();
        cluster.commit(1, 8, noted("run-1", "run-2", 9));
        assertThat(plan.complete(both, cluster.committed)).isFalse();
        cluster.commit(1, 9, noted("run-0", "run-0", 9));
        assertThat(plan.complete(both, cluster.committed)).as("of another read").isFalse();
        cluster.commit(1, 12, noted("run-1", "run-2", 9));
        assertThat(plan.complete(both, cluster.committed)).isTrue();
    }

    private long end(String run, int partition) {
        return backfill(starts(new Until.End(), run), partition).end();
    }

    private Backfill backfill(StartPositions starts, int partition) {
        return resolve(starts, partition)
                .starts()
                .get(partition(partition))
                .note()
                .backfill()
                .orElseThrow();
    }

    private static CommitNote noted(String id, String run, long end) {
        return new CommitNote(1, Optional.of(new Backfill(id, run, "end", end)), "");
    }

    private StartPositions starts(StartOffset from) {
        return starts(from, Optional.empty(), "run-1");
    }

    private StartPositions starts(Until until, String run) {
        return starts(new StartOffset.Earliest(), Optional.of(until), run);
    }

    private StartPositions starts(StartOffset from, Optional<Until> until, String run) {
        return new StartPositions(from, until, run, List.of("orders"), _ -> past, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private StartPositions.Resolution resolve(StartPositions starts, int... partitions) {
        return starts.resolve(
                cluster,
                IntStream.of(partitions).mapToObj(StartPositionsTest::partition).toList());
    }

    private List<Long> positions(StartPositions starts, int... partitions) {
        Map<TopicPartition, StartPositions.Start> found =
                resolve(starts, partitions).starts();
        return IntStream.of(partitions)
                .mapToObj(partition -> found.get(partition(partition)).position())
                .toList();
    }

    private static TopicPartition partition(int number) {
        return new TopicPartition("orders", number);
    }

    /** A topic as the test says it is; the first record from a time on is the second of each partition. */
    private static final class Cluster implements OffsetLookup {
        private final Map<TopicPartition, Long> beginnings = new HashMap<>();
        private final Map<TopicPartition, Long> ends = new HashMap<>();
        private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();

        Cluster partition(int number, long beginning, long end) {
            beginnings.put(StartPositionsTest.partition(number), beginning);
            ends.put(StartPositionsTest.partition(number), end);
            return this;
        }

        Cluster commit(int number, long offset, CommitNote note) {
            committed.put(StartPositionsTest.partition(number), new OffsetAndMetadata(offset, note.format()));
            return this;
        }

        @Override
        public Set<TopicPartition> partitions(String topic) {
            return new HashSet<>(ends.keySet());
        }

        @Override
        public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
            return committed.entrySet().stream()
                    .filter(entry -> partitions.contains(entry.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        @Override
        public Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
            return of(beginnings, partitions);
        }

        @Override
        public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
            return of(ends, partitions);
        }

        @Override
        public Map<TopicPartition, Long> since(Collection<TopicPartition> partitions, Instant time) {
            Map<TopicPartition, Long> found = of(beginnings, partitions);
            found.replaceAll((_, beginning) -> beginning + 1);
            return found;
        }

        private static Map<TopicPartition, Long> of(
                Map<TopicPartition, Long> offsets, Collection<TopicPartition> partitions) {
            Map<TopicPartition, Long> found = new HashMap<>(offsets);
            found.keySet().retainAll(partitions);
            return found;
        }
    }
}
