// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Until;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Decides where assigned partitions start (guarantee D1): at the group's committed position; without one, at {@code startOffset} if the partition existed
 * when the group first read the topic, and at its beginning if it appeared later. How many partitions the topic had on that first time is kept
 * in the note beside every commit, so that members which start together agree without talking to each other; so is where a bounded read ends.
 */
final class StartPositions {
    private final StartOffset startOffset;
    private final @Nullable Until until;
    private final String run;
    private final List<String> topics;
    private final Past past;
    private final Clock clock;

    /** What is known of a topic for which the group has no position. */
    interface Past {
        TopicMemory.Past of(String topic);
    }

    /**
     * @param startOffset where partitions start that existed before this pipeline
     * @param until where the read ends, if it does
     * @param run this run
     * @param topics every topic of the source
     * @param past asked for topics for which the group has no position
     * @param clock whether a time is still to come
     */
    StartPositions(
            StartOffset startOffset, Optional<Until> until, String run, List<String> topics, Past past, Clock clock) {
        this.startOffset = startOffset;
        this.until = until.orElse(null);
        this.run = run;
        this.topics = topics;
        this.past = past;
        this.clock = clock;
    }

    /**
     * Where a partition starts.
     *
     * @param position the offset of the first record to read
     * @param note what stands beside every commit of this partition; its ledger is the one beside the position
     * @param committed whether position and note are committed already
     */
    record Start(long position, CommitNote note, boolean committed) {}

    /**
     * Where everything starts.
     *
     * @param starts by partition
     * @param othersUnread whether the topics have partitions that are not among these and that the group has never read
     * @param backfill the bounded read that these are part of
     */
    record Resolution(Map<TopicPartition, Start> starts, boolean othersUnread, Optional<BackfillPlan> backfill) {}

    /** Whether the source ends; a member without partitions wants to know when, too. */
    boolean bounded() {
        return until != null;
    }

    /** Looks up every one of these partitions. */
    Resolution resolve(OffsetLookup lookup, Collection<TopicPartition> assigned) {
        Set<TopicPartition> all = new HashSet<>(assigned);
        topics.forEach(topic -> all.addAll(lookup.partitions(topic)));
        Map<TopicPartition, OffsetAndMetadata> committed = lookup.committed(all);
        BackfillPlan plan = until == null ? null : BackfillPlan.of(until, run, committed.values());

        List<Found> found = assigned.stream()
                .map(partition -> new Found(
                        partition,
                        Optional.ofNullable(committed.get(partition)),
                        knownPartitions(partition.topic(), all, committed)))
                .toList();
        Map<TopicPartition, Long> positions = positions(lookup, found);
        Map<TopicPartition, Long> ends = plan == null ? Map.of() : freshEnds(lookup, plan, found);
        Map<TopicPartition, Start> starts = new HashMap<>();
        for (Found one : found) {
            long position = Objects.requireNonNull(positions.get(one.partition()));
            Optional<Backfill> part = Optional.empty();
            if (plan != null) {
                long fresh = one.appeared() ? position : ends.getOrDefault(one.partition(), Backfill.OPEN);
                part = Optional.of(plan.part(one.endIn(plan).orElse(fresh)));
            }
            CommitNote note = new CommitNote(one.known(), part, one.note().ledger());
            boolean stands = one.committed().isPresent() && note.equals(one.note());
            starts.put(one.partition(), new Start(position, note, stands));
        }
        boolean othersUnread =
                all.stream().anyMatch(partition -> !committed.containsKey(partition) && !starts.containsKey(partition));
        return new Resolution(starts, othersUnread, Optional.ofNullable(plan));
    }

    /**
     * What there is to know about a partition.
     *
     * @param partition which
     * @param committed the group's position in it
     * @param known how many partitions the topic had when the group first read it
     */
    private record Found(TopicPartition partition, Optional<OffsetAndMetadata> committed, int known) {
        CommitNote note() {
            return committed
                    .map(position -> CommitNote.parse(position.metadata()))
                    .orElse(CommitNote.NONE);
        }

        /** Subject to startOffset. */
        boolean first() {
            return committed.isEmpty() && partition.partition() < known;
        }

        /** Not there yet when the group first read the topic. */
        boolean later() {
            return committed.isEmpty() && partition.partition() >= known;
        }

        /** It came while the group was reading: no part of a bounded read, whose ends were fixed before. */
        boolean appeared() {
            return later() && known > 0;
        }

        OptionalLong endIn(BackfillPlan plan) {
            return plan.includes(note())
                    ? OptionalLong.of(note().backfill().orElseThrow().end())
                    : OptionalLong.empty();
        }
    }

    private static Set<TopicPartition> those(List<Found> found, Predicate<Found> condition) {
        return found.stream().filter(condition).map(Found::partition).collect(Collectors.toSet());
    }

    private Map<TopicPartition, Long> positions(OffsetLookup lookup, List<Found> found) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        found.forEach(one -> one.committed().ifPresent(position -> positions.put(one.partition(), position.offset())));
        positions.putAll(firstPositions(lookup, those(found, Found::first)));
        Set<TopicPartition> later = those(found, Found::later);
        if (!later.isEmpty()) {
            positions.putAll(lookup.beginnings(later));
        }
        return positions;
    }

    private int knownPartitions(
            String topic, Set<TopicPartition> all, Map<TopicPartition, OffsetAndMetadata> committed) {
        if (committed.keySet().stream().anyMatch(partition -> partition.topic().equals(topic))) {
            return Known.partitions(committed, topic);
        }
        return switch (past.of(topic)) {
            case NEW ->
                (int) all.stream()
                        .filter(partition -> partition.topic().equals(topic))
                        .count();
            case CREATED_SINCE -> 0;
            case READ ->
                throw new IllegalStateException(
                        "the group's positions in topic \"" + topic
                                + "\" are gone from the cluster, though it has read there: they expired (offsets.retention.minutes), or were deleted. Nothing is"
                                + " skipped or repeated on its own; say where to go on: fisoctl offsets reset <pipeline> --to earliest|latest|<offset>|<time>");
        };
    }

    private Map<TopicPartition, Long> firstPositions(OffsetLookup lookup, Set<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return Map.of();
        }
        return switch (startOffset) {
            case StartOffset.Latest() -> lookup.ends(partitions);
            case StartOffset.Earliest() -> lookup.beginnings(partitions);
            case StartOffset.At(long offset) -> at(lookup, partitions, offset);
            case StartOffset.Since(Instant time) -> lookup.since(partitions, time);
        };
    }

    private static Map<TopicPartition, Long> at(OffsetLookup lookup, Set<TopicPartition> partitions, long offset) {
        Map<TopicPartition, Long> beginnings = lookup.beginnings(partitions);
        List<String> outside = new ArrayList<>();
        lookup.ends(partitions).forEach((partition, end) -> {
            long beginning = beginnings.getOrDefault(partition, 0L);
            if (offset < beginning || offset > end) {
                outside.add(partition + " has " + beginning + " to " + end);
            }
        });
        if (!outside.isEmpty()) {
            throw new IllegalStateException("startOffset " + offset + " is outside what the topic has: "
                    + String.join(", ", outside) + "; choose another, a time, earliest or latest");
        }
        return partitions.stream().collect(Collectors.toMap(partition -> partition, _ -> offset));
    }

    /** Where partitions end that were not part of this read before. */
    private Map<TopicPartition, Long> freshEnds(OffsetLookup lookup, BackfillPlan plan, List<Found> found) {
        Set<TopicPartition> fresh =
                those(found, one -> !one.appeared() && one.endIn(plan).isEmpty());
        if (fresh.isEmpty()) {
            return Map.of();
        }
        return switch (plan.until()) {
            case Until.End() -> lookup.ends(fresh);
            case Until.Time(Instant time) when clock.instant().isBefore(time) -> Map.of();
            case Until.Time(Instant time) -> lookup.since(fresh, time);
        };
    }
}
