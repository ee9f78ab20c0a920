// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Commits settled positions: in the background while records flow, one request at a time so that a late answer never sets a position back; and waiting where a
 * partition is handed over. Nothing is committed for a feed that was released. Used by the consumer's thread only.
 */
final class OffsetCommits {
    private final Consumer<byte[], byte[]> consumer;
    private final SourceContext context;
    private final Map<PartitionFeed, PartitionFeed.Commit> pending = new HashMap<>();
    private boolean inFlight;

    OffsetCommits(Consumer<byte[], byte[]> consumer, SourceContext context) {
        this.consumer = consumer;
        this.context = context;
    }

    /** Remembers what these may commit by now. */
    void collect(Collection<PartitionFeed> feeds) {
        for (PartitionFeed feed : feeds) {
            PartitionFeed.Commit commit = feed.nextCommit();
            if (commit != null) {
                pending.put(feed, commit);
            }
        }
    }

    boolean idle() {
        return pending.isEmpty() && !inFlight;
    }

    /** Commits what must stand before these emit (guarantee D1); what could not be committed is tried again next time. True if something was. */
    boolean first(Collection<PartitionFeed> feeds, Duration timeout) {
        Map<PartitionFeed, PartitionFeed.Commit> first = new HashMap<>();
        for (PartitionFeed feed : feeds) {
            PartitionFeed.Commit commit = feed.firstCommit();
            if (commit != null) {
                first.put(feed, commit);
            }
        }
        if (first.isEmpty()) {
            return false;
        }
        try {
            consumer.commitSync(offsets(first), timeout);
        } catch (RebalanceInProgressException _) {
            return false; // The next poll completes it; nothing was emitted yet.
        } catch (RetriableException e) {
            log("First positions are not committed yet; nothing is emitted before", e);
            return false;
        }
        first.forEach(PartitionFeed::firstCommitDone);
        confirm(first);
        return true;
    }

    /** Sends what is pending without waiting for the answer, unless one is outstanding. */
    void flushInBackground() {
        pending.keySet().removeIf(PartitionFeed::released);
        if (inFlight || pending.isEmpty()) {
            return;
        }
        Map<PartitionFeed, PartitionFeed.Commit> batch = Map.copyOf(pending);
        pending.clear();
        inFlight = true;
        consumer.commitAsync(offsets(batch), (_, failure) -> answered(batch, failure));
    }

    private void answered(Map<PartitionFeed, PartitionFeed.Commit> batch, @Nullable Exception failure) {
        inFlight = false;
        if (failure == null) {
            confirm(batch);
            return;
        }
        // Not for what moved away meanwhile: it is another member's to commit.
        batch.forEach((feed, commit) -> {
            if (!feed.released()) {
                pending.putIfAbsent(feed, commit);
            }
        });
        if (!(failure instanceof RebalanceInProgressException)) {
            log("Offset commit failed; it is tried again", failure);
        }
    }

    /** Commits what is pending and waits for it; a failure is only logged, since what is not committed is read again. */
    void flushIfPossible(Duration timeout) {
        pending.keySet().removeIf(PartitionFeed::released);
        if (pending.isEmpty()) {
            return;
        }
        Map<PartitionFeed, PartitionFeed.Commit> batch = Map.copyOf(pending);
        try {
            consumer.commitSync(offsets(batch), timeout);
        } catch (KafkaException e) {
            log("Offsets could not be committed; their records will be read again", e);
            return;
        }
        pending.clear();
        confirm(batch);
    }

    private void confirm(Map<PartitionFeed, PartitionFeed.Commit> batch) {
        Map<String, SettledPosition> positions = new HashMap<>();
        batch.forEach((feed, commit) -> {
            if (!feed.released()) {
                positions.put(feed.name(), commit.settled());
            }
        });
        context.committed(positions);
    }

    private void log(String message, Exception failure) {
        context.logger().log(System.Logger.Level.WARNING, message, failure);
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Map<PartitionFeed, PartitionFeed.Commit> batch) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        batch.forEach((feed, commit) -> offsets.put(feed.partition(), commit.metadata()));
        return offsets;
    }
}
