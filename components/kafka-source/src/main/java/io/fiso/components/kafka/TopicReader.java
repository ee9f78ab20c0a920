// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.SourceContext;
import io.fiso.sdk.event.StableId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * The loop between the consumer and the pipeline. One thread; it never waits for the pipeline inside a poll, but pauses partitions whose records
 * are not taken, so that the member stays in its group under backpressure (guarantees D1 and D4).
 */
final class TopicReader implements ConsumerRebalanceListener {
    static final Duration REVOKE_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration IDLE_POLL = Duration.ofMillis(100);
    private static final Duration HELD_WAIT = Duration.ofMillis(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final long REPORT_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SILENCE_WARNING_NANOS = Duration.ofSeconds(10).toNanos();

    private final Consumer<byte[], byte[]> consumer;
    private final SourceContext context;
    private final RecordEvents events;
    private final StartPositions startPositions;
    private final String cluster;
    private final OffsetCommits commits;
    private final Map<TopicPartition, PartitionFeed> feeds = new HashMap<>();
    private @Nullable RuntimeException rebalanceFailure;
    private boolean rebalanceWanted;
    private boolean closing;
    private long lastReport = System.nanoTime();
    private long connectedAt = System.nanoTime();

    TopicReader(
            Consumer<byte[], byte[]> consumer,
            SourceContext context,
            RecordEvents events,
            StartPositions startPositions,
            String cluster) {
        this.consumer = consumer;
        this.context = context;
        this.events = events;
        this.startPositions = startPositions;
        this.cluster = cluster;
        this.commits = new OffsetCommits(consumer, context);
    }

    /** Reads until the context is stopping, then until everything emitted is settled and committed. */
    void run(List<String> topics) throws InterruptedException {
        consumer.subscribe(topics, this);
        while (!context.stopping()) {
            commitFirstPositions();
            claimUnreadPartitions();
            boolean held = emitFetched();
            holdAndRelease();
            int received = poll(held ? Duration.ZERO : IDLE_POLL);
            collectSettled();
            commits.flushInBackground();
            report();
            if (held && received == 0) {
                context.await(HELD_WAIT);
            }
        }
        settleEverything();
    }

    private void settleEverything() throws InterruptedException {
        feeds.values().forEach(PartitionFeed::discardFetched);
        long start = System.nanoTime();
        consumer.pause(consumer.assignment());
        collectSettled();
        while (!feeds.values().stream().allMatch(PartitionFeed::allSettled)
                && System.nanoTime() - start < DRAIN_LIMIT.toNanos()) {
            context.await(HELD_WAIT);
            consumer.pause(consumer.assignment());
            poll(Duration.ZERO);
            collectSettled();
            commits.flushInBackground();
        }
        commits.flushIfPossible(REQUEST_TIMEOUT);
    }

    /** Commits what settled since, and leaves. The group keeps the place for the member's successor. */
    void close() {
        closing = true;
        try {
            collectSettled();
            commits.flushIfPossible(REQUEST_TIMEOUT);
        } finally {
            consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(REQUEST_TIMEOUT));
        }
    }

    private int poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(timeout);
        } catch (OffsetOutOfRangeException e) {
            throw new IllegalStateException(expired(e), e);
        } catch (FencedInstanceIdException e) {
            throw new IllegalStateException(
                    "another instance of this component has joined the consumer group in its place; this one ends", e);
        }
        RuntimeException failure = rebalanceFailure;
        if (failure != null) {
            throw failure;
        }
        for (TopicPartition partition : records.partitions()) {
            PartitionFeed feed = feeds.get(partition);
            if (feed != null && !context.stopping()) {
                feed.add(records.records(partition));
            }
        }
        return records.count();
    }

    private String expired(OffsetOutOfRangeException failure) {
        String partitions = failure.offsetOutOfRangePartitions().entrySet().stream()
                .map(entry -> entry.getKey() + " at " + entry.getValue())
                .collect(Collectors.joining(", "));
        return "the group's position is outside what the topic still has: " + partitions
                + ". Records between were deleted by retention, or the topic was created anew. Nothing is skipped on its own: reset the "
                + "group's offsets (kafka-consumer-groups --reset-offsets) or name another consumerGroup";
    }

    private void commitFirstPositions() {
        Map<TopicPartition, OffsetAndMetadata> first = new HashMap<>();
        for (PartitionFeed feed : feeds.values()) {
            OffsetAndMetadata position = feed.firstCommit();
            if (position != null) {
                first.put(feed.partition(), position);
            }
        }
        if (first.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(first, REQUEST_TIMEOUT);
        } catch (RebalanceInProgressException _) {
            return; // The next poll completes it; nothing was emitted yet.
        } catch (RetriableException e) {
            context.logger()
                    .log(
                            System.Logger.Level.WARNING,
                            "First positions are not committed yet; nothing is emitted before",
                            e);
            return;
        }
        first.forEach((partition, position) -> {
            PartitionFeed feed = feeds.get(partition);
            if (feed != null) {
                feed.firstCommitDone();
            }
        });
    }

    /**
     * A static member that comes back gets the assignment it had, without the partitions that appeared while it was away; a rebalance
     * gives them to somebody.
     */
    private void claimUnreadPartitions() {
        if (rebalanceWanted) {
            rebalanceWanted = false;
            consumer.enforceRebalance("the topic has partitions that the group has never read");
        }
    }

    /** Hands over what was fetched; tells whether something was left because the pipeline does not take it yet. */
    private boolean emitFetched() throws InterruptedException {
        boolean held = false;
        for (PartitionFeed feed : feeds.values()) {
            ConsumerRecord<byte[], byte[]> record = feed.next();
            while (record != null && context.ready(feed.name())) {
                context.emit(events.convert(feed, record));
                feed.emitted(record);
                record = feed.next();
            }
            held |= feed.holding();
        }
        return held;
    }

    private void holdAndRelease() {
        Set<TopicPartition> hold = new HashSet<>();
        Set<TopicPartition> go = new HashSet<>();
        Set<TopicPartition> paused = consumer.paused();
        for (PartitionFeed feed : feeds.values()) {
            boolean isPaused = paused.contains(feed.partition());
            if (feed.holding() && !isPaused) {
                hold.add(feed.partition());
            } else if (!feed.holding() && isPaused) {
                go.add(feed.partition());
            }
        }
        if (!hold.isEmpty()) {
            consumer.pause(hold);
        }
        if (!go.isEmpty()) {
            consumer.resume(go);
        }
    }

    private void collectSettled() {
        context.settled().forEach((name, position) -> {
            for (PartitionFeed feed : feeds.values()) {
                if (feed.name().equals(name)) {
                    feed.settled(position.next());
                    commits.add(feed.partition(), feed.commit(position));
                }
            }
        });
    }

    private void report() {
        long now = System.nanoTime();
        if (now - lastReport < REPORT_INTERVAL_NANOS) {
            return;
        }
        lastReport = now;
        for (PartitionFeed feed : feeds.values()) {
            consumer.currentLag(feed.partition()).ifPresent(lag -> context.lag(feed.name(), lag + feed.waiting()));
        }
        if (connected()) {
            connectedAt = now;
        } else if (now - connectedAt > SILENCE_WARNING_NANOS) {
            connectedAt = now;
            context.logger().log(System.Logger.Level.WARNING, "No connection to any Kafka broker; holding");
        }
    }

    private boolean connected() {
        return consumer.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("connection-count"))
                .anyMatch(entry -> entry.getValue().metricValue() instanceof Number count && count.doubleValue() > 0);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        try {
            StartPositions.Resolution resolution = startPositions.resolve(consumer, partitions);
            rebalanceWanted |= resolution.othersUnread();
            resolution.starts().forEach((partition, start) -> {
                consumer.seek(partition, start.position());
                feeds.put(partition, new PartitionFeed(partition, StableId.in(cluster, partition.topic()), start));
                context.resumed(partition.toString(), start.ledger());
            });
        } catch (KafkaException e) {
            // Thrown in a callback it would be wrapped and lose its sense.
            rebalanceFailure = new IllegalStateException(
                    "the start positions of " + partitions + " cannot be found: " + e.getMessage(), e);
        }
    }

    /** Lets what is in flight settle before another member goes on from its position. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        List<PartitionFeed> leaving = partitions.stream()
                .map(feeds::get)
                .filter(java.util.Objects::nonNull)
                .toList();
        leaving.forEach(PartitionFeed::discardFetched);
        long start = System.nanoTime();
        try {
            collectSettled();
            while (!closing
                    && !leaving.stream().allMatch(PartitionFeed::allSettled)
                    && System.nanoTime() - start < REVOKE_TIMEOUT.toNanos()) {
                if (!context.stopping()) {
                    emitFetched();
                }
                context.await(HELD_WAIT);
                collectSettled();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        commits.flushIfPossible(REQUEST_TIMEOUT);
        release(leaving);
    }

    /** The partitions are another member's already: what settles now must not be committed. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        release(partitions.stream()
                .map(feeds::get)
                .filter(java.util.Objects::nonNull)
                .toList());
    }

    private void release(List<PartitionFeed> leaving) {
        for (PartitionFeed feed : leaving) {
            feeds.remove(feed.partition());
            context.release(feed.name());
        }
        commits.forget(partition -> !feeds.containsKey(partition));
    }
}
