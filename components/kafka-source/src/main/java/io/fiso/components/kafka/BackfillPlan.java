// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.kafka.Until;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Decides which bounded read a group is in. Its ends stand beside the committed positions, so that every member and every later start agrees on them: what a run
 * began and did not finish, the next run goes on with, to the same ends; what is finished is finished for the run that finished it, and a new run
 * begins a new read.
 *
 * @param id the run that began the read
 * @param run this run
 * @param until the bound
 */
record BackfillPlan(String id, String run, Until until) {
    /** The read to take part in, given what the group has committed. */
    static BackfillPlan of(Until until, String run, Collection<OffsetAndMetadata> committed) {
        String bound = until.toString();
        Optional<Backfill> mine = notes(committed, bound)
                .map(Noted::backfill)
                .filter(read -> read.run().equals(run))
                .findFirst();
        Optional<Backfill> unfinished = notes(committed, bound)
                .filter(noted -> !noted.backfill().doneAt(noted.offset()))
                .map(Noted::backfill)
                .findFirst();
        return new BackfillPlan(mine.or(() -> unfinished).map(Backfill::id).orElse(run), run, until);
    }

    private record Noted(long offset, Backfill backfill) {}

    private static java.util.stream.Stream<Noted> notes(Collection<OffsetAndMetadata> committed, String bound) {
        return committed.stream()
                .flatMap(position -> CommitNote.parse(position.metadata()).backfill().stream()
                        .filter(read -> read.until().equals(bound))
                        .map(read -> new Noted(position.offset(), read)));
    }

    /** Whether a partition is part of this read already; its end is decided then. */
    boolean includes(CommitNote note) {
        return note.backfill().isPresent()
                && note.backfill().get().id().equals(id)
                && note.backfill().get().until().equals(until.toString());
    }

    /** The partition's part in this read. */
    Backfill part(long end) {
        return new Backfill(id, run, until.toString(), end);
    }

    /** Whether the group is through: every partition that was there at the beginning has reached its end. */
    boolean complete(Collection<TopicPartition> partitions, Map<TopicPartition, OffsetAndMetadata> committed) {
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata position = committed.get(partition);
            if (position == null) {
                if (partition.partition() < Known.partitions(committed, partition.topic())) {
                    return false;
                }
                continue; // It appeared later, and nobody has looked at it yet.
            }
            CommitNote note = CommitNote.parse(position.metadata());
            if (!includes(note) || !note.backfill().orElseThrow().doneAt(position.offset())) {
                return false;
            }
        }
        return true;
    }
}
