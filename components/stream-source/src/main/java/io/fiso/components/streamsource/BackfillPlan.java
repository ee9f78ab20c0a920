// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.kafka.Until;
import io.fiso.proto.broker.v1.GroupProgress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides which bounded read a group is in. Its ends stand beside the committed offsets, so that every member and every later start agrees on them: what a run
 * began and did not finish, the next run goes on with, to the same ends; what is finished is finished for the run that finished it, and a new run begins a new
 * read.
 *
 * @param id the run that began the read
 * @param run this run
 * @param until the bound
 */
record BackfillPlan(String id, String run, Until until) {
    /** The read to take part in, given what the group has committed. */
    static BackfillPlan of(Until until, String run, Collection<GroupProgress> committed) {
        List<Noted> notes = notes(committed, until.toString()).toList();
        Optional<Backfill> mine = notes.stream()
                .map(Noted::backfill)
                .filter(read -> read.run().equals(run))
                .findFirst();
        Optional<Backfill> unfinished = notes.stream()
                .filter(noted -> !noted.backfill().doneAt(noted.offset()))
                .map(Noted::backfill)
                .findFirst();
        return new BackfillPlan(mine.or(() -> unfinished).map(Backfill::id).orElse(run), run, until);
    }

    private record Noted(long offset, Backfill backfill) {}

    private static Stream<Noted> notes(Collection<GroupProgress> committed, String bound) {
        return committed.stream()
                .flatMap(progress -> CommitNote.parse(progress.getNote()).backfill().stream()
                        .filter(read -> read.until().equals(bound))
                        .map(read -> new Noted(progress.getCommittedOffset(), read)));
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

    /** Whether the group is through: every partition has reached its end. */
    boolean complete(Collection<GroupProgress> committed) {
        return !committed.isEmpty()
                && committed.stream().allMatch(progress -> {
                    CommitNote note = CommitNote.parse(progress.getNote());
                    return includes(note) && note.backfill().orElseThrow().doneAt(progress.getCommittedOffset());
                });
    }
}
