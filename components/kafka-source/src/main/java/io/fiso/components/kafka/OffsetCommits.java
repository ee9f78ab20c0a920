// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits settled positions: in the background while records flow, one request at a time so that a late answer never sets a position back; and waiting where a
 * partition is handed over. Used by the consumer's thread only.
 */
final class OffsetCommits {
    private final Consumer<byte[], byte[]> consumer;
    private final SourceContext context;
    private final Map<TopicPartition, OffsetAndMetadata> pending = new HashMap<>();
    private boolean inFlight;

    OffsetCommits(Consumer<byte[], byte[]> consumer, SourceContext context) {
        this.consumer = consumer;
        this.context = context;
    }

    /** Remembers a position to commit. */
    void add(TopicPartition partition, OffsetAndMetadata position) {
        pending.merge(partition, position, OffsetCommits::later);
    }

    /** Sends what is pending without waiting for the answer, unless one is outstanding. */
    void flushInBackground() {
        if (inFlight || pending.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> batch = Map.copyOf(pending);
        pending.clear();
        inFlight = true;
        consumer.commitAsync(batch, (_, failure) -> {
            inFlight = false;
            if (failure == null) {
                confirm(batch);
            } else {
                batch.forEach(this::add);
                context.logger().log(System.Logger.Level.WARNING, "Offset commit failed; it is tried again", failure);
            }
        });
    }

    /** Commits what is pending and waits for it. */
    void flush(Duration timeout) {
        if (pending.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> batch = Map.copyOf(pending);
        consumer.commitSync(batch, timeout);
        pending.clear();
        confirm(batch);
    }

    /** As {@link #flush}, but a failure is only logged: what is not committed is read again. */
    void flushIfPossible(Duration timeout) {
        try {
            flush(timeout);
        } catch (KafkaException e) {
            context.logger()
                    .log(
                            System.Logger.Level.WARNING,
                            "Offsets could not be committed; their records will be read again",
                            e);
        }
    }

    /** Drops what is pending for partitions that are no longer this member's. */
    void forget(Predicate<TopicPartition> gone) {
        pending.keySet().removeIf(gone);
    }

    private void confirm(Map<TopicPartition, OffsetAndMetadata> batch) {
        Map<String, SettledPosition> positions = new HashMap<>();
        batch.forEach((partition, position) -> positions.put(
                partition.toString(), new SettledPosition(position.offset(), CommitNote.ledger(position.metadata()))));
        context.committed(positions);
    }

    private static OffsetAndMetadata later(OffsetAndMetadata one, OffsetAndMetadata other) {
        return one.offset() >= other.offset() ? one : other;
    }
}
