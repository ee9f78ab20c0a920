// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.event.StableId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One assigned partition: what was fetched and not yet emitted, how far it is read, emitted and settled, where it ends. From that it says what may be emitted,
 * whether the consumer should hold it, and what is to be committed. Knows no consumer, no pipeline and no clock.
 */
final class PartitionFeed {
    private final TopicPartition partition;
    private final String name;
    private final StableId ids;
    private final Optional<Instant> before;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
    private CommitNote note;
    private SettledPosition settled;
    private long emittedUpTo;
    private long readUpTo;
    private long handedOut;
    /** What stands beside the group's position is not what should; nothing is emitted before it does (guarantee D1). */
    private boolean noteUnwritten;

    private boolean leaving;
    private boolean released;

    /**
     * @param ids the ids of its records
     * @param start where it starts
     * @param before where it ends, if that is a time: at the first record with this timestamp or a later one
     */
    PartitionFeed(TopicPartition partition, StableId ids, StartPositions.Start start, Optional<Instant> before) {
        this.partition = partition;
        this.name = partition.toString();
        this.ids = ids;
        this.before = before;
        this.note = start.note();
        this.settled = new SettledPosition(start.position(), note.ledger());
        this.emittedUpTo = start.position();
        this.readUpTo = start.position();
        this.handedOut = start.position();
        this.noteUnwritten = !start.committed();
    }

    TopicPartition partition() {
        return partition;
    }

    /** The partition's name towards the pipeline. */
    String name() {
        return name;
    }

    /** The ids of its records. */
    StableId ids() {
        return ids;
    }

    /** What stood beside the position it was taken up at. */
    String ledger() {
        return note.ledger();
    }

    // ---- what comes in
    // ---------------------------------------------------------------------------------------------------

    /** Takes what a poll brought. Records from the end on are not part of the read. */
    void add(List<ConsumerRecord<byte[], byte[]>> records) {
        if (leaving) {
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (endOpen()
                    && before.isPresent()
                    && record.timestamp() >= before.get().toEpochMilli()) {
                end(record.offset());
            }
            if (record.offset() >= end()) {
                return;
            }
            fetched.add(record);
        }
    }

    /** The consumer's position: what it has given out, and what it skipped (markers of transactions, gaps of compaction), lies before. */
    void read(long position) {
        if (!leaving) {
            readUpTo = Math.max(readUpTo, position);
        }
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
        fetched.removeIf(record -> record.offset() >= offset);
        noteUnwritten = true;
    }

    /** Nothing more of it is emitted here: what was fetched and not emitted counts as not read. */
    void leave() {
        ConsumerRecord<byte[], byte[]> first = fetched.peek();
        if (first != null) {
            readUpTo = Math.min(readUpTo, first.offset());
        }
        leaving = true;
        fetched.clear();
    }

    /** The partition is not this member's any more. */
    void release() {
        leave();
        released = true;
    }

    boolean released() {
        return released;
    }

    // ---- what goes out
    // ---------------------------------------------------------------------------------------------------

    /** The next record to emit, if one may be emitted. */
    @Nullable
    ConsumerRecord<byte[], byte[]> next() {
        return noteUnwritten ? null : fetched.peek();
    }

    void emitted(ConsumerRecord<byte[], byte[]> record) {
        fetched.remove();
        emittedUpTo = record.offset() + 1;
    }

    /** Whether the consumer should hold this partition: what it fetched is not through yet, or there is nothing more to fetch. */
    boolean holding() {
        return leaving || noteUnwritten || waiting() || readUpTo >= end();
    }

    /** Whether something fetched waits for the pipeline. */
    boolean waiting() {
        return !fetched.isEmpty();
    }

    boolean allSettled() {
        return settled.next() >= emittedUpTo;
    }

    // ---- what is committed
    // -----------------------------------------------------------------------------------------------

    /**
     * A position to commit.
     *
     * @param offset where the group goes on
     * @param note what stands beside it
     */
    record Commit(long offset, CommitNote note) {
        OffsetAndMetadata metadata() {
            return new OffsetAndMetadata(offset, note.format());
        }

        SettledPosition settled() {
            return new SettledPosition(offset, note.ledger());
        }
    }

    /** What must be committed before anything may be emitted; null if nothing must. */
    @Nullable
    Commit firstCommit() {
        return noteUnwritten ? commit() : null;
    }

    /** This first commit is durable. */
    void firstCommitDone(Commit written) {
        noteUnwritten &= !written.note().backfill().equals(note.backfill());
        handedOut = Math.max(handedOut, written.offset());
    }

    /** What may be committed, if that moved since it was last asked for. */
    @Nullable
    Commit nextCommit() {
        Commit next = commit();
        if (noteUnwritten || next.offset() <= handedOut) {
            return null;
        }
        handedOut = next.offset();
        return next;
    }

    private Commit commit() {
        return new Commit(committable(), note.withLedger(settled.ledger()));
    }

    /** Behind the last settled record; behind what was skipped after it as well, if nothing is on its way. */
    private long committable() {
        boolean through = allSettled() && fetched.isEmpty();
        return Math.max(settled.next(), through ? Math.min(readUpTo, end()) : 0);
    }

    // ---- where it ends
    // ---------------------------------------------------------------------------------------------------

    /** Whether the end is a time that lies in the future. */
    boolean endOpen() {
        return note.backfill().isPresent() && note.backfill().get().end() == Backfill.OPEN;
    }

    /** Whether it is read and settled to its end, and that is on its way to be committed. */
    boolean finished() {
        return !noteUnwritten && handedOut >= end();
    }

    /** The offset where the read ends; none is as large if it does not. */
    private long end() {
        return note.backfill().isEmpty() || endOpen()
                ? Long.MAX_VALUE
                : note.backfill().get().end();
    }

    /** How many records lie between what was emitted and the partition's end, or the read's. */
    long lag(long partitionEnd) {
        ConsumerRecord<byte[], byte[]> first = fetched.peek();
        long next = first == null ? Math.max(readUpTo, emittedUpTo) : first.offset();
        return Math.max(0, Math.min(partitionEnd, end()) - next);
    }
}
