// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.StartOffset;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Decides where assigned partitions start (guarantee D1): at the group's committed position; without one, at {@code startOffset} if the partition existed
 * when the group first read the topic, and at its beginning if it appeared later. How many partitions the topic had on that first time is kept
 * in the metadata of every commit, so that members which start together agree without talking to each other.
 */
final class StartPositions {
    private static final String PARTITIONS_NOTE = "fiso-partitions=";

    private final StartOffset startOffset;
    private final Set<String> awaitedTopics;
    private final Duration timeout;

    /**
     * @param startOffset where partitions start that existed before this pipeline
     * @param awaitedTopics topics that did not exist yet when this component first looked: they are new as a whole
     * @param timeout the limit of each request
     */
    StartPositions(StartOffset startOffset, Set<String> awaitedTopics, Duration timeout) {
        this.startOffset = startOffset;
        this.awaitedTopics = Set.copyOf(awaitedTopics);
        this.timeout = timeout;
    }

    /**
     * Where a partition starts.
     *
     * @param position the offset of the first record to read
     * @param metadata what every commit of this partition carries
     * @param committed whether the group has this position already
     * @param ledger the totals that were committed with it; empty if there are none
     */
    record Start(long position, String metadata, boolean committed, String ledger) {}

    /**
     * Where everything starts.
     *
     * @param starts by partition
     * @param othersUnread whether the topics have partitions that are not among these and that the group has never read
     */
    record Resolution(Map<TopicPartition, Start> starts, boolean othersUnread) {}

    /** Looks up every one of these partitions. */
    Resolution resolve(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> assigned) {
        Map<String, Set<TopicPartition>> byTopic = new HashMap<>();
        for (TopicPartition partition : assigned) {
            byTopic.computeIfAbsent(partition.topic(), topic -> partitionsOf(consumer, topic))
                    .add(partition);
        }
        Map<TopicPartition, Start> starts = new HashMap<>();
        boolean othersUnread = false;
        for (Map.Entry<String, Set<TopicPartition>> topic : byTopic.entrySet()) {
            List<TopicPartition> mine = assigned.stream()
                    .filter(partition -> partition.topic().equals(topic.getKey()))
                    .toList();
            Map<TopicPartition, OffsetAndMetadata> committed =
                    new HashMap<>(consumer.committed(topic.getValue(), timeout));
            committed.values().removeIf(Objects::isNull);
            starts.putAll(resolveTopic(consumer, topic.getValue().size(), committed, mine));
            othersUnread |= topic.getValue().stream()
                    .anyMatch(partition -> !committed.containsKey(partition) && !mine.contains(partition));
        }
        return new Resolution(starts, othersUnread);
    }

    private Map<TopicPartition, Start> resolveTopic(
            Consumer<byte[], byte[]> consumer,
            int partitionCount,
            Map<TopicPartition, OffsetAndMetadata> committed,
            List<TopicPartition> mine) {
        boolean awaited = mine.stream().anyMatch(partition -> awaitedTopics.contains(partition.topic()));
        int knownPartitions = committed.isEmpty()
                ? (awaited ? 0 : partitionCount)
                : committed.values().stream()
                        .mapToInt(StartPositions::partitionsNoted)
                        .max()
                        .orElse(0);
        String metadata = PARTITIONS_NOTE + knownPartitions;
        Map<TopicPartition, Start> starts = new HashMap<>();
        Set<TopicPartition> first = new HashSet<>();
        Set<TopicPartition> later = new HashSet<>();
        for (TopicPartition partition : mine) {
            OffsetAndMetadata position = committed.get(partition);
            if (position != null) {
                starts.put(
                        partition,
                        new Start(position.offset(), metadata, true, CommitNote.ledger(position.metadata())));
            } else if (partition.partition() < knownPartitions) {
                first.add(partition);
            } else {
                later.add(partition);
            }
        }
        firstPositions(consumer, first)
                .forEach((partition, offset) -> starts.put(partition, new Start(offset, metadata, false, "")));
        if (!later.isEmpty()) {
            consumer.beginningOffsets(later, timeout)
                    .forEach((partition, offset) -> starts.put(partition, new Start(offset, metadata, false, "")));
        }
        return starts;
    }

    private Map<TopicPartition, Long> firstPositions(
            Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return Map.of();
        }
        return switch (startOffset) {
            case StartOffset.Latest() -> consumer.endOffsets(partitions, timeout);
            case StartOffset.Earliest() -> consumer.beginningOffsets(partitions, timeout);
            case StartOffset.At(long offset) -> {
                Map<TopicPartition, Long> positions = new HashMap<>();
                partitions.forEach(partition -> positions.put(partition, offset));
                yield positions;
            }
            case StartOffset.Since(var time) -> {
                Map<TopicPartition, Long> times = new HashMap<>();
                partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
                Map<TopicPartition, Long> positions = new HashMap<>(consumer.endOffsets(partitions, timeout));
                Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, timeout);
                found.forEach((partition, at) -> {
                    if (at != null) {
                        positions.put(partition, at.offset());
                    }
                });
                yield positions;
            }
        };
    }

    private Set<TopicPartition> partitionsOf(Consumer<byte[], byte[]> consumer, String topic) {
        Set<TopicPartition> partitions = new HashSet<>();
        consumer.partitionsFor(topic, timeout)
                .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
        return partitions;
    }

    private static int partitionsNoted(OffsetAndMetadata committed) {
        String note = committed.metadata();
        if (note == null || !note.startsWith(PARTITIONS_NOTE)) {
            return 0;
        }
        try {
            return Integer.parseInt(CommitNote.withoutLedger(note).substring(PARTITIONS_NOTE.length()));
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
