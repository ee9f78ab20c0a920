// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.event.StableId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class PartitionFeedTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    @Test
    void emitsNothingBeforeItsFirstPositionIsCommitted() {
        PartitionFeed feed = feed(10, false, Optional.empty());
        feed.add(records(10, 11));
        assertThat(feed.next()).isNull();
        assertThat(feed.holding()).isTrue();

        PartitionFeed.Commit first = Objects.requireNonNull(feed.firstCommit());
        assertThat(first.offset()).isEqualTo(10);
        feed.firstCommitDone(first);
        assertThat(Objects.requireNonNull(feed.next()).offset()).isEqualTo(10);
        assertThat(feed.firstCommit()).isNull();
    }

    @Test
    void commitsWhatIsSettledWithItsLedgerAndEachPositionOnce() {
        PartitionFeed feed = feed(10, true, Optional.empty());
        feed.add(records(10, 11, 12));
        emitAll(feed);
        feed.read(13);
        feed.settled(new SettledPosition(12, "two"));

        assertThat(feed.nextCommit()).satisfies(commit -> {
            assertThat(Objects.requireNonNull(commit).offset()).isEqualTo(12);
            assertThat(commit.note().ledger()).isEqualTo("two");
        });
        assertThat(feed.nextCommit()).isNull();
        assertThat(feed.allSettled()).isFalse();
    }

    @Test
    void commitsBeyondMarkersAndGapsOnlyOnceEverythingBeforeIsSettled() {
        PartitionFeed feed = feed(10, true, Optional.empty());
        feed.add(records(10, 14));
        emitAll(feed);
        feed.read(20);
        feed.settled(new SettledPosition(11, "one"));
        assertThat(offset(feed.nextCommit())).isEqualTo(11);

        feed.settled(new SettledPosition(15, "two"));
        PartitionFeed.Commit commit = Objects.requireNonNull(feed.nextCommit());
        assertThat(commit.offset()).isEqualTo(20);
        assertThat(commit.note().ledger()).isEqualTo("two");
    }

    @Test
    void neverCommitsBeyondWhatItFetchedAndDidNotEmit() {
        PartitionFeed feed = feed(10, true, Optional.empty());
        feed.add(records(10, 11, 12));
        feed.emitted(Objects.requireNonNull(feed.next()));
        feed.read(13);
        feed.settled(new SettledPosition(11, "one"));
        feed.leave();
        feed.read(13);
        feed.add(records(13));

        assertThat(offset(feed.nextCommit())).isEqualTo(11);
        assertThat(feed.nextCommit()).isNull();
        assertThat(feed.next()).isNull();
        assertThat(feed.holding()).isTrue();
    }

    @Test
    void endsAtItsEndWhateverThePollBrought() {
        PartitionFeed feed = feed(0, true, Optional.of(3L));
        feed.add(records(0, 1, 2, 3, 4));
        assertThat(emitAll(feed)).containsExactly(0L, 1L, 2L);
        feed.read(5);
        assertThat(feed.finished()).isFalse();
        assertThat(feed.lag(100)).isZero();

        feed.settled(new SettledPosition(3, "three"));
        assertThat(offset(feed.nextCommit())).isEqualTo(3);
        assertThat(feed.finished()).isTrue();
        assertThat(feed.holding()).isTrue();
    }

    @Test
    void endsBehindAMarkerThatNothingFollows() {
        PartitionFeed feed = feed(0, true, Optional.of(3L));
        feed.add(records(0, 1));
        emitAll(feed);
        feed.settled(new SettledPosition(2, "two"));
        feed.read(2);
        assertThat(offset(feed.nextCommit())).isEqualTo(2);
        assertThat(feed.finished()).isFalse();

        feed.read(3);
        assertThat(offset(feed.nextCommit())).isEqualTo(3);
        assertThat(feed.finished()).isTrue();
    }

    @Test
    void findsAnEndInTheFutureByTheFirstRecordFromThenOn() {
        PartitionFeed feed = new PartitionFeed(
                PARTITION,
                StableId.in("c", "orders"),
                new StartPositions.Start(0, note(Optional.of(Backfill.OPEN)), true),
                Optional.of(Instant.ofEpochMilli(1_002)));
        feed.add(records(0, 1));
        assertThat(feed.endOpen()).isTrue();
        assertThat(emitAll(feed)).containsExactly(0L, 1L);

        // Timestamps are 1000 + offset: the third record ends the read, and what follows is not looked at.
        feed.add(records(2, 3));
        assertThat(feed.endOpen()).isFalse();
        PartitionFeed.Commit fixed = Objects.requireNonNull(feed.firstCommit());
        assertThat(fixed.note().backfill().orElseThrow().end()).isEqualTo(2);
        feed.firstCommitDone(fixed);
        assertThat(feed.next()).isNull();
    }

    @Test
    void countsWhatWaitsOutsideFromWhatWasEmitted() {
        PartitionFeed feed = feed(10, true, Optional.empty());
        assertThat(feed.lag(25)).isEqualTo(15);
        feed.add(records(10, 11, 12));
        feed.read(13);
        assertThat(feed.lag(25)).isEqualTo(15);
        feed.emitted(Objects.requireNonNull(feed.next()));
        assertThat(feed.lag(25)).isEqualTo(14);
        emitAll(feed);
        assertThat(feed.lag(25)).isEqualTo(12);
        assertThat(feed.lag(5)).isZero();
    }

    private static PartitionFeed feed(long start, boolean committed, Optional<Long> end) {
        return new PartitionFeed(
                PARTITION,
                StableId.in("c", "orders"),
                new StartPositions.Start(start, note(end), committed),
                Optional.empty());
    }

    private static CommitNote note(Optional<Long> end) {
        return new CommitNote(1, end.map(offset -> new Backfill("run", "run", "end", offset)), "before");
    }

    private static long offset(PartitionFeed.Commit commit) {
        return Objects.requireNonNull(commit).offset();
    }

    private static List<Long> emitAll(PartitionFeed feed) {
        List<Long> emitted = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record = feed.next(); record != null; record = feed.next()) {
            feed.emitted(record);
            emitted.add(record.offset());
        }
        return emitted;
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(long... offsets) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (long offset : offsets) {
            records.add(new ConsumerRecord<>(
                    "orders",
                    0,
                    offset,
                    1_000 + offset,
                    TimestampType.CREATE_TIME,
                    -1,
                    -1,
                    null,
                    null,
                    new RecordHeaders(),
                    Optional.empty()));
        }
        return records;
    }
}
