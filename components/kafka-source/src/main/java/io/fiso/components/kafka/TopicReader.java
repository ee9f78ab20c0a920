// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.Until;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.event.StableId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * The loop between the consumer and the pipeline. One thread; it never waits for the pipeline inside a poll, but pauses partitions whose records
 * are not taken, so that the member stays in its group under backpressure (guarantees D1 and D4). What to emit, hold, commit and where to end is
 * decided by {@link Assignment} and its feeds, {@link StartPositions} and {@link BackfillPlan}; this class only does it.
 */
final class TopicReader implements ConsumerRebalanceListener {
    private static final Duration IDLE_POLL = Duration.ofMillis(100);
    private static final Duration HELD_WAIT = Duration.ofMillis(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    /** Below the interval after which the group takes a member for dead that does not poll. */
    private static final Duration RESOLVE_LIMIT = Duration.ofMinutes(4);

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final long WATCH_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long COMPLETION_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

    /**
     * What the reader works with.
     *
     * @param events makes events of records
     * @param starts decides where partitions start
     * @param watch looks at the cluster
     * @param cluster the cluster's id
     * @param revokeTimeout how long what is in flight may take to settle before a partition is handed over
     * @param read told which topics have a committed position
     */
    record Parts(
            RecordEvents events,
            StartPositions starts,
            ClusterWatch watch,
            String cluster,
            Duration revokeTimeout,
            java.util.function.Consumer<Set<String>> read) {}

    private final Consumer<byte[], byte[]> consumer;
    private final SourceContext context;
    private final Parts parts;
    private final OffsetLookup lookup;
    private final OffsetCommits commits;
    private final Assignment assignment = new Assignment();
    private @Nullable RuntimeException rebalanceFailure;
    private @Nullable BackfillPlan backfill;
    private boolean rebalanceWanted;
    private boolean closing;
    private boolean through;
    private String problem = "";
    private long watchedAt = System.nanoTime() - WATCH_INTERVAL_NANOS;
    private long completionCheckedAt = System.nanoTime();

    TopicReader(Consumer<byte[], byte[]> consumer, SourceContext context, Parts parts) {
        this.consumer = consumer;
        this.context = context;
        this.parts = parts;
        this.lookup = new ConsumerOffsets(consumer, REQUEST_TIMEOUT);
        this.commits = new OffsetCommits(consumer, context);
    }

    /** Reads until the context is stopping, or a bounded read has ended; then until everything emitted is settled and committed. */
    void run(List<String> topics) throws InterruptedException {
        consumer.subscribe(topics, this);
        while (!context.stopping() && !backfillComplete(topics)) {
            commitFirstPositions();
            claimUnreadPartitions();
            emitFetched();
            holdAndRelease();
            boolean waiting = assignment.waiting();
            int received = poll(waiting ? Duration.ZERO : IDLE_POLL);
            decideEnds();
            collectSettled();
            commits.flushInBackground();
            watch();
            if (waiting && received == 0) {
                context.await(HELD_WAIT);
            }
        }
        settleEverything();
    }

    private void settleEverything() throws InterruptedException {
        assignment.all().forEach(PartitionFeed::leave);
        long start = System.nanoTime();
        holdAndRelease();
        collectSettled();
        while (!assignment.allSettled() && System.nanoTime() - start < DRAIN_LIMIT.toNanos()) {
            context.await(HELD_WAIT);
            poll(Duration.ZERO);
            // What a rebalance brought meanwhile is not begun any more.
            assignment.all().forEach(PartitionFeed::leave);
            holdAndRelease();
            collectSettled();
            commits.flushInBackground();
        }
        commits.flushIfPossible(REQUEST_TIMEOUT);
        through = assignment.allSettled() && commits.idle();
    }

    /**
     * Commits what settled since, and ends the membership. Through with everything, it leaves the group, so that others take over at once; else the group keeps
     * the place for the member's successor.
     */
    void close() {
        closing = true;
        try {
            collectSettled();
            commits.flushIfPossible(REQUEST_TIMEOUT);
        } finally {
            consumer.close(CloseOptions.timeout(REQUEST_TIMEOUT)
                    .withGroupMembershipOperation(
                            through
                                    ? CloseOptions.GroupMembershipOperation.LEAVE_GROUP
                                    : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
        }
    }

    // ---- one round
    // ---------------------------------------------------------------------------------------------------------

    private int poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(timeout);
        } catch (KafkaException e) {
            RuntimeException earlier = rebalanceFailure;
            throw earlier == null ? explained(e) : earlier;
        }
        RuntimeException failure = rebalanceFailure;
        if (failure != null) {
            throw failure;
        }
        for (TopicPartition partition : records.partitions()) {
            PartitionFeed feed = assignment.of(partition);
            if (feed != null) {
                feed.add(records.records(partition));
            }
        }
        return records.count();
    }

    private static RuntimeException explained(KafkaException failure) {
        return switch (failure) {
            case OffsetOutOfRangeException e -> new IllegalStateException(expired(e), e);
            case FencedInstanceIdException e ->
                new IllegalStateException(
                        "another instance of this component has joined the consumer group in its place; this one ends",
                        e);
            default -> failure;
        };
    }

    private static String expired(OffsetOutOfRangeException failure) {
        String partitions = failure.offsetOutOfRangePartitions().entrySet().stream()
                .map(entry -> entry.getKey() + " at " + entry.getValue())
                .collect(Collectors.joining(", "));
        return "the group's position is outside what the topic still has: " + partitions
                + ". Records between were deleted by retention, or the topic was created anew. Nothing is skipped on its own; say where to go on: "
                + "fisoctl offsets reset <pipeline> --to earliest|latest|<offset>|<time>, or name another consumerGroup";
    }

    private void commitFirstPositions() {
        if (commits.first(assignment.all(), REQUEST_TIMEOUT)) {
            parts.read()
                    .accept(assignment.partitions().stream()
                            .map(TopicPartition::topic)
                            .collect(Collectors.toSet()));
        }
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

    private void emitFetched() throws InterruptedException {
        for (PartitionFeed feed : assignment.all()) {
            ConsumerRecord<byte[], byte[]> record = feed.next();
            while (record != null && context.ready(feed.name())) {
                context.emit(parts.events().convert(feed.name(), feed.ids(), record));
                feed.emitted(record);
                record = feed.next();
            }
        }
    }

    private void holdAndRelease() {
        Assignment.Flow flow = assignment.flow(consumer.paused());
        if (!flow.pause().isEmpty()) {
            consumer.pause(flow.pause());
        }
        if (!flow.resume().isEmpty()) {
            consumer.resume(flow.resume());
        }
    }

    private void collectSettled() {
        Map<String, SettledPosition> settled = context.settled();
        for (PartitionFeed feed : assignment.all()) {
            SettledPosition position = settled.get(feed.name());
            if (position != null) {
                feed.settled(position);
            }
            if (!feed.waiting()) {
                readUpTo(feed);
            }
        }
        commits.collect(assignment.all());
    }

    private void readUpTo(PartitionFeed feed) {
        try {
            feed.read(consumer.position(feed.partition(), Duration.ZERO));
        } catch (org.apache.kafka.common.errors.TimeoutException | IllegalStateException _) {
            // The leader has just changed, or the partition is being taken away: the next round knows.
        }
    }

    // ---- where it ends
    // -----------------------------------------------------------------------------------------------------

    /** An end in the future is decided when its time has come. */
    private void decideEnds() {
        Set<TopicPartition> open = assignment.openEnds();
        if (open.isEmpty() || backfill == null || !(backfill.until() instanceof Until.Time(Instant time))) {
            return;
        }
        if (!context.clock().instant().isBefore(time)) {
            lookup.since(open, time).forEach((partition, end) -> {
                PartitionFeed feed = assignment.of(partition);
                if (feed != null) {
                    feed.end(end);
                }
            });
        }
    }

    /** Whether the whole group is through: until then this member may have to take over what another cannot finish. */
    private boolean backfillComplete(List<String> topics) {
        BackfillPlan plan = backfill;
        long now = System.nanoTime();
        if (plan == null
                || !assignment.finished()
                || !commits.idle()
                || now - completionCheckedAt < COMPLETION_INTERVAL_NANOS) {
            return false;
        }
        completionCheckedAt = now;
        try {
            Set<TopicPartition> all = new HashSet<>();
            topics.forEach(topic -> all.addAll(lookup.partitions(topic)));
            return plan.complete(all, lookup.committed(all));
        } catch (RetriableException _) {
            return false; // Asked again.
        }
    }

    // ---- status
    // ------------------------------------------------------------------------------------------------------------

    private void watch() {
        long now = System.nanoTime();
        if (now - watchedAt < WATCH_INTERVAL_NANOS) {
            return;
        }
        watchedAt = now;
        for (PartitionFeed feed : assignment.all()) {
            Long end = parts.watch().end(feed.partition());
            if (end != null) {
                context.lag(feed.name(), feed.lag(end));
            }
        }
        parts.watch().look(assignment.partitions());
        hold(parts.watch().problem());
    }

    private void hold(String reason) {
        if (reason.equals(problem)) {
            return;
        }
        problem = reason;
        context.holding(reason);
        if (reason.isEmpty()) {
            context.logger().log(System.Logger.Level.INFO, "Going on");
        } else {
            context.logger().log(System.Logger.Level.WARNING, "Holding: {0}", reason);
        }
    }

    // ---- the group
    // ---------------------------------------------------------------------------------------------------------

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty() && !parts.starts().bounded()) {
            return;
        }
        try {
            StartPositions.Resolution resolution = resolve(partitions);
            backfill = resolution.backfill().orElse(null);
            rebalanceWanted |= !partitions.isEmpty() && resolution.othersUnread();
            resolution.starts().forEach(this::takeUp);
        } catch (KafkaException e) {
            // Thrown in a callback it would be wrapped and lose its sense.
            rebalanceFailure = new IllegalStateException(
                    "the start positions of " + partitions + " cannot be found: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            rebalanceFailure = e;
        }
    }

    private StartPositions.Resolution resolve(Collection<TopicPartition> partitions) {
        long start = System.nanoTime();
        while (true) {
            try {
                return parts.starts().resolve(lookup, partitions);
            } catch (RetriableException e) {
                if (context.stopping() || System.nanoTime() - start > RESOLVE_LIMIT.toNanos()) {
                    throw e;
                }
                hold("start positions cannot be looked up: " + e.getMessage());
            }
        }
    }

    private void takeUp(TopicPartition partition, StartPositions.Start start) {
        consumer.seek(partition, start.position());
        Optional<Instant> before = backfill != null && backfill.until() instanceof Until.Time(Instant time)
                ? Optional.of(time)
                : Optional.empty();
        PartitionFeed feed =
                new PartitionFeed(partition, StableId.in(parts.cluster(), partition.topic()), start, before);
        assignment.add(feed);
        context.resumed(feed.name(), feed.ledger());
    }

    /** Lets what is in flight settle before another member goes on from its position. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        List<PartitionFeed> leaving = assignment.of(partitions);
        leaving.forEach(PartitionFeed::leave);
        long start = System.nanoTime();
        try {
            collectSettled();
            while (!closing
                    && !leaving.stream().allMatch(PartitionFeed::allSettled)
                    && System.nanoTime() - start < parts.revokeTimeout().toNanos()) {
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
        release(assignment.of(partitions));
    }

    private void release(List<PartitionFeed> leaving) {
        for (PartitionFeed feed : leaving) {
            assignment.remove(feed);
            context.release(feed.name());
        }
    }
}
