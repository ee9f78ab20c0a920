// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.event.StableId;
import java.util.ArrayDeque;
import java.util.Collection;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One assigned partition: what was fetched and not yet emitted, and how far its records are emitted and settled. */
final class PartitionFeed {
    private final TopicPartition partition;
    private final String name;
    private final StableId ids;
    private final String commitMetadata;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
    private @Nullable OffsetAndMetadata firstCommit;
    private long emittedUpTo = -1;
    private long settledUpTo = -1;

    PartitionFeed(TopicPartition partition, StableId ids, StartPositions.Start start) {
        this.partition = partition;
        this.name = partition.toString();
        this.ids = ids;
        this.commitMetadata = start.metadata();
        this.firstCommit = start.committed() ? null : commit(new SettledPosition(start.position(), ""));
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

    /** The resolved position that must be committed before anything is emitted (guarantee D1); null once it is. */
    @Nullable
    OffsetAndMetadata firstCommit() {
        return firstCommit;
    }

    void firstCommitDone() {
        firstCommit = null;
    }

    /** A position as it is committed: with the note that tells later members what the first one found, and the totals. */
    OffsetAndMetadata commit(SettledPosition position) {
        return new OffsetAndMetadata(position.next(), CommitNote.write(commitMetadata, position.ledger()));
    }

    void add(Collection<ConsumerRecord<byte[], byte[]>> records) {
        fetched.addAll(records);
    }

    /** The next record to emit, if one may be emitted. */
    @Nullable
    ConsumerRecord<byte[], byte[]> next() {
        return firstCommit == null ? fetched.peek() : null;
    }

    void emitted(ConsumerRecord<byte[], byte[]> record) {
        fetched.remove();
        emittedUpTo = record.offset() + 1;
    }

    void settled(long position) {
        settledUpTo = Math.max(settledUpTo, position);
    }

    /** Takes back what was fetched and not emitted. */
    void discardFetched() {
        fetched.clear();
    }

    /** Whether the consumer should hold this partition: what it fetched is not through yet. */
    boolean holding() {
        return firstCommit != null || !fetched.isEmpty();
    }

    boolean allSettled() {
        return settledUpTo >= emittedUpTo;
    }

    int waiting() {
        return fetched.size();
    }
}
