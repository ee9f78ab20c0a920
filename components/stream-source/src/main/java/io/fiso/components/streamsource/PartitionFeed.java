// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.proto.broker.v1.PartitionOffset;
import io.fiso.sdk.SettledPosition;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One assigned partition: what was pushed and not yet emitted, how far it is read, emitted, settled and committed, where it ends. Knows no broker, no pipeline
 * and no clock.
 */
final class PartitionFeed {
    private final int partition;
    private final String name;
    private final Optional<Instant> before;
    private final ArrayDeque<Fetched> fetched = new ArrayDeque<>();
    private CommitNote note;
    private SettledPosition settled;
    private long emittedUpTo;
    private long readUpTo;
    private long endUpTo;
    private long confirmed;
    private long sent;
    /** What stands beside the group's position is not what should; nothing is emitted before it does (guarantee D1). */
    private boolean noteUnwritten;

    private boolean leaving;

    /**
     * Where a partition starts.
     *
     * @param offset of the first record to read, which the group has committed
     * @param note what stands beside every commit; its ledger is the one beside the offset
     * @param written whether it stands there already
     */
    record Start(long offset, CommitNote note, boolean written) {}

    /**
     * A position to commit.
     *
     * @param offset where the group goes on
     * @param note what stands beside it
     */
    record Commit(int partition, long offset, CommitNote note) {
        PartitionOffset wire() {
            return PartitionOffset.newBuilder()
                    .setPartition(partition)
                    .setOffset(offset)
                    .setNote(note.format())
                    .build();
        }

        SettledPosition settled() {
            return new SettledPosition(offset, note.ledger());
        }
    }

    /** @param before where it ends, if that is a time: at the first record with this timestamp or a later one */
    PartitionFeed(int partition, Start start, Optional<Instant> before) {
        this.partition = partition;
        this.name = Integer.toString(partition);
        this.before = before;
        this.note = start.note();
        this.settled = new SettledPosition(start.offset(), note.ledger());
        this.emittedUpTo = start.offset();
        this.readUpTo = start.offset();
        this.endUpTo = start.offset();
        this.confirmed = start.offset();
        this.sent = start.offset();
        this.noteUnwritten = !start.written();
    }

    int partition() {
        return partition;
    }

    /** The partition's name towards the pipeline. */
    String name() {
        return name;
    }

    /** What stood beside the position it was taken up at. */
    String ledger() {
        return note.ledger();
    }

    // ---- what comes in
    // ---------------------------------------------------------------------------------------------------

    /** Takes what was pushed. Records from the end on are not part of the read. */
    void add(List<Fetched> pushed) {
        for (Fetched one : pushed) {
            long offset = one.record().getOffset();
            if (endOpen()
                    && before.isPresent()
                    && one.record().getTimestampMillis() >= before.get().toEpochMilli()) {
                end(offset);
            }
            if (leaving || offset >= end()) {
                return;
            }
            fetched.add(one);
            readUpTo = offset + 1;
        }
    }

    /** How far the partition goes by now. */
    void reaches(long end) {
        endUpTo = Math.max(endUpTo, end);
    }

    void settled(SettledPosition position) {
        if (position.next() > settled.next()) {
            settled = position;
        }
    }

    /** Decides the end of the read; from then on it stands beside every commit. */
    void end(long offset) {
        Backfill read = note.backfill().orElseThrow();
        note = new CommitNote(
                note.partitions(),
                Optional.of(new Backfill(read.id(), read.run(), read.until(), offset)),
                note.ledger());
        noteUnwritten = true;
    }

    /** Nothing more of it is emitted here: what was pushed and not emitted counts as not read. */
    void leave() {
        readUpTo = emittedUpTo;
        leaving = true;
        fetched.clear();
    }

    // ---- what goes out
    // ---------------------------------------------------------------------------------------------------

    /** The next record to emit, if one may be emitted. */
    @Nullable
    Fetched next() {
        return noteUnwritten ? null : fetched.peek();
    }

    void emitted(Fetched one) {
        fetched.remove();
        emittedUpTo = one.record().getOffset() + 1;
        one.emitted().run();
    }

    /** Whether there is more to ask the broker for, now or later. */
    boolean wanting() {
        return !leaving && readUpTo < end();
    }

    /** From where on. */
    long readUpTo() {
        return readUpTo;
    }

    /** Whether something that was pushed waits for the pipeline, or for a note. */
    boolean waiting() {
        return !fetched.isEmpty() || noteUnwritten;
    }

    boolean allSettled() {
        return settled.next() >= emittedUpTo;
    }

    // ---- what is committed
    // -----------------------------------------------------------------------------------------------

    /** What must be committed before anything may be emitted; null if nothing must. */
    @Nullable
    Commit firstCommit() {
        return noteUnwritten ? commit() : null;
    }

    /** What may be committed beyond what is; null if nothing. */
    @Nullable
    Commit nextCommit() {
        Commit next = commit();
        return noteUnwritten || next.offset() <= confirmed ? null : next;
    }

    /** This is on its way: whether it arrived may never be known. */
    void sent(Commit commit) {
        sent = Math.max(sent, commit.offset());
    }

    /** This is durable. */
    void confirmed(Commit commit) {
        noteUnwritten &= !commit.note().backfill().equals(note.backfill());
        confirmed = Math.max(confirmed, commit.offset());
    }

    /** Whether the group's position is one that was committed from here. */
    boolean leftAt(long offset) {
        return offset == confirmed || offset == sent;
    }

    private Commit commit() {
        return new Commit(partition, settled.next(), note.withLedger(settled.ledger()));
    }

    // ---- where it ends
    // ---------------------------------------------------------------------------------------------------

    /** Whether the end is a time that lies in the future. */
    boolean endOpen() {
        return note.backfill().isPresent() && note.backfill().get().end() == Backfill.OPEN;
    }

    /** Whether it is read and settled to its end, and that is committed. */
    boolean finished() {
        return !noteUnwritten && confirmed >= end();
    }

    /** The offset where the read ends; none is as large if it does not. */
    private long end() {
        return note.backfill().isEmpty() || endOpen()
                ? Long.MAX_VALUE
                : note.backfill().get().end();
    }

    /** How many records lie between what was emitted and the partition's end, or the read's. */
    long lag() {
        return Math.max(0, Math.min(endUpTo, end()) - emittedUpTo);
    }
}
