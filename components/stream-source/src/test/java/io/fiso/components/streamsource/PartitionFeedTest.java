// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.sdk.SettledPosition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PartitionFeedTest {
    private int creditsBack;

    @Test
    void commitsWhatIsSettledWithItsLedgerAndNothingTwice() {
        PartitionFeed feed = unbounded();
        assertThat(feed.nextCommit()).isNull();
        feed.add(records(10, 13));
        emit(feed, 3);
        assertThat(feed.allSettled()).isFalse();
        feed.settled(new SettledPosition(12, "two"));

        PartitionFeed.Commit commit = Objects.requireNonNull(feed.nextCommit());
        assertThat(commit.settled()).isEqualTo(new SettledPosition(12, "two"));
        assertThat(CommitNote.parse(commit.wire().getNote()).ledger()).isEqualTo("two");
        // Until it is known to be there it is tried again.
        assertThat(feed.nextCommit()).isEqualTo(commit);
        feed.sent(commit);
        assertThat(feed.leftAt(10)).isTrue();
        assertThat(feed.leftAt(12)).isTrue();
        assertThat(feed.leftAt(13)).isFalse();
        feed.confirmed(commit);
        assertThat(feed.nextCommit()).isNull();
        assertThat(feed.leftAt(10)).isFalse();
    }

    @Test
    void givesCreditBackWhenTheLastRecordOfABatchIsEmitted() {
        PartitionFeed feed = unbounded();
        feed.add(records(10, 13));
        emit(feed, 2);
        assertThat(creditsBack).isZero();
        emit(feed, 1);
        assertThat(creditsBack).isEqualTo(1);
    }

    @Test
    void forgetsWhatWasNotEmittedWhenItLeaves() {
        PartitionFeed feed = unbounded();
        feed.add(records(10, 20));
        emit(feed, 2);
        feed.leave();

        assertThat(feed.next()).isNull();
        assertThat(feed.wanting()).isFalse();
        assertThat(feed.readUpTo()).isEqualTo(12);
        feed.settled(new SettledPosition(12, ""));
        assertThat(feed.allSettled()).isTrue();
    }

    @Test
    void emitsNothingOfABoundedReadBeforeItsEndIsCommittedAndNothingBehindIt() {
        PartitionFeed feed = bounded(12, Optional.empty());
        feed.add(records(10, 20));
        assertThat(feed.next()).isNull();
        assertThat(feed.waiting()).isTrue();

        PartitionFeed.Commit first = Objects.requireNonNull(feed.firstCommit());
        assertThat(first.offset()).isEqualTo(10);
        feed.confirmed(first);
        emit(feed, 2);
        assertThat(feed.next()).isNull();
        assertThat(feed.wanting()).isFalse();
        assertThat(feed.finished()).isFalse();
        feed.settled(new SettledPosition(12, ""));
        feed.confirmed(Objects.requireNonNull(feed.nextCommit()));
        assertThat(feed.finished()).isTrue();
    }

    @Test
    void endsAtTheFirstRecordOfATimeThatWasStillToCome() {
        PartitionFeed feed = bounded(Backfill.OPEN, Optional.of(Instant.ofEpochMilli(13)));
        feed.confirmed(Objects.requireNonNull(feed.firstCommit()));
        assertThat(feed.endOpen()).isTrue();
        feed.add(records(10, 20));

        assertThat(feed.endOpen()).isFalse();
        // Where it ends has to stand beside the offset first.
        assertThat(feed.next()).isNull();
        feed.confirmed(Objects.requireNonNull(feed.firstCommit()));
        emit(feed, 3);
        assertThat(feed.next()).isNull();
    }

    @Test
    void lagsBehindTheEndOfItsPartitionOrOfItsRead() {
        PartitionFeed feed = unbounded();
        feed.reaches(100);
        assertThat(feed.lag()).isEqualTo(90);
        PartitionFeed read = bounded(12, Optional.empty());
        read.reaches(100);
        assertThat(read.lag()).isEqualTo(2);
    }

    private static PartitionFeed unbounded() {
        return new PartitionFeed(3, new PartitionFeed.Start(10, CommitNote.NONE, true), Optional.empty());
    }

    private static PartitionFeed bounded(long end, Optional<Instant> before) {
        CommitNote note = new CommitNote(0, Optional.of(new Backfill("run-1", "run-1", "end", end)), "");
        return new PartitionFeed(3, new PartitionFeed.Start(10, note, false), before);
    }

    /** With their offsets as timestamps. */
    private List<Fetched> records(long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(offset -> new Fetched(
                        StreamRecord.newBuilder()
                                .setOffset(offset)
                                .setTimestampMillis(offset)
                                .build(),
                        offset == to - 1 ? () -> creditsBack++ : () -> {}))
                .toList();
    }

    private static void emit(PartitionFeed feed, int count) {
        for (int i = 0; i < count; i++) {
            feed.emitted(Objects.requireNonNull(feed.next()));
        }
    }
}
