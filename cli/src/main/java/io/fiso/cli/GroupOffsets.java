// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.kafka.BrokerDiagnosis;
import io.fiso.kafka.CommitNote;
import io.fiso.kafka.StartOffset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Where the consumer group of a Kafka source stands, and a way to set it elsewhere. */
final class GroupOffsets implements AutoCloseable {
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");

    private final KafkaSources.Source source;
    private final Duration timeout;
    private final Admin admin;

    GroupOffsets(KafkaSources.Source source, Duration timeout) {
        CLIENT_LOGGER.setLevel(Level.SEVERE);
        this.source = source;
        this.timeout = timeout;
        Map<String, Object> properties = source.connection().clientProperties();
        properties.put("client.id", "fisoctl-offsets");
        properties.put("default.api.timeout.ms", (int) timeout.toMillis());
        properties.put("request.timeout.ms", (int) Math.max(1, timeout.toMillis() / 2));
        properties.put("socket.connection.setup.timeout.ms", "2000");
        try {
            this.admin = Admin.create(properties);
        } catch (KafkaException e) {
            throw new CommandException(
                    Failure.invalid(
                            "kafka.config",
                            "no Kafka client can be made for component \"" + source.component() + "\": "
                                    + (e.getCause() == null
                                            ? e.getMessage()
                                            : e.getCause().getMessage()),
                            "check its brokers, tls, sasl and properties"),
                    e);
        }
    }

    /**
     * One partition.
     *
     * @param committed where the group goes on; empty if it has committed nothing
     * @param beginning the first record there is
     * @param end behind the last record
     * @param note what stands beside the committed offset
     */
    record Position(TopicPartition partition, OptionalLong committed, long beginning, long end, CommitNote note) {
        OptionalLong lag() {
            return committed.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(Math.max(0, end - committed.getAsLong()));
        }
    }

    /** Every partition of these topics, in order. */
    List<Position> positions(Collection<String> topics) throws InterruptedException {
        Set<TopicPartition> partitions = partitions(topics);
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        ask(admin.listConsumerGroupOffsets(source.group()).partitionsToOffsetAndMetadata())
                .ifPresent(committed::putAll);
        Map<TopicPartition, Long> beginnings = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
        List<Position> positions = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata at = committed.get(partition);
            positions.add(new Position(
                    partition,
                    at == null ? OptionalLong.empty() : OptionalLong.of(at.offset()),
                    beginnings.getOrDefault(partition, 0L),
                    ends.getOrDefault(partition, 0L),
                    at == null ? CommitNote.NONE : CommitNote.parse(at.metadata())));
        }
        positions.sort(
                Comparator.comparing((Position position) -> position.partition().topic())
                        .thenComparing(position -> position.partition().partition()));
        return positions;
    }

    private Set<TopicPartition> partitions(Collection<String> topics) throws InterruptedException {
        Set<TopicPartition> partitions = new java.util.HashSet<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> described :
                new TreeMap<>(admin.describeTopics(topics).topicNameValues()).entrySet()) {
            TopicDescription topic = ask(described.getValue())
                    .orElseThrow(() -> new CommandException(Failure.invalid(
                            "offsets.no_topic",
                            "topic \"" + described.getKey() + "\" does not exist on " + source.connection(),
                            "check topic and brokers of component \"" + source.component() + "\"")));
            topic.partitions()
                    .forEach(info -> partitions.add(new TopicPartition(described.getKey(), info.partition())));
        }
        return partitions;
    }

    /** Where this would set each of these positions. */
    Map<TopicPartition, Long> targets(List<Position> positions, StartOffset to) throws InterruptedException {
        Map<TopicPartition, Long> targets = new HashMap<>();
        switch (to) {
            case StartOffset.Earliest() -> positions.forEach(p -> targets.put(p.partition(), p.beginning()));
            case StartOffset.Latest() -> positions.forEach(p -> targets.put(p.partition(), p.end()));
            case StartOffset.At(long offset) -> {
                List<String> outside = positions.stream()
                        .filter(p -> offset < p.beginning() || offset > p.end())
                        .map(p -> p.partition() + " has " + p.beginning() + " to " + p.end())
                        .toList();
                if (!outside.isEmpty()) {
                    throw new CommandException(Failure.invalid(
                            "offsets.out_of_range",
                            "offset " + offset + " is outside what is there: " + String.join(", ", outside),
                            "choose another, narrow it with --topic and --partition, or give a time"));
                }
                positions.forEach(p -> targets.put(p.partition(), offset));
            }
            case StartOffset.Since(Instant time) -> {
                Map<TopicPartition, Long> found = offsets(
                        positions.stream().map(Position::partition).toList(),
                        OffsetSpec.forTimestamp(time.toEpochMilli()));
                for (Position position : positions) {
                    long offset = found.getOrDefault(position.partition(), -1L);
                    targets.put(position.partition(), offset < 0 ? position.end() : offset);
                }
            }
        }
        return targets;
    }

    /** Commits these for the group; totals and bounded reads end with what was there before. */
    void set(List<Position> positions, Map<TopicPartition, Long> targets) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (Position position : positions) {
            TopicPartition partition = position.partition();
            int known = (int) positions.stream()
                    .filter(p -> p.partition().topic().equals(partition.topic()))
                    .count();
            CommitNote note = new CommitNote(Math.max(position.note().partitions(), known), Optional.empty(), "");
            offsets.put(
                    partition, new OffsetAndMetadata(Objects.requireNonNull(targets.get(partition)), note.format()));
        }
        ask(admin.alterConsumerGroupOffsets(source.group(), offsets).all());
    }

    /** Who is in the group now. */
    List<MemberDescription> members() throws InterruptedException {
        return ask(Objects.requireNonNull(admin.describeConsumerGroups(Set.of(source.group()))
                        .describedGroups()
                        .get(source.group())))
                .map(ConsumerGroupDescription::members)
                .map(List::copyOf)
                .orElse(List.of());
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        ListOffsetsResult listed = admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        ask(listed.all()).ifPresent(found -> found.forEach((partition, at) -> offsets.put(partition, at.offset())));
        return offsets;
    }

    /** The answer; empty if what was asked for does not exist. */
    private <T> Optional<T> ask(KafkaFuture<T> question) throws InterruptedException {
        try {
            return Optional.ofNullable(question.get(timeout.toMillis() + 1_000, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            throw unreachable(e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof GroupIdNotFoundException || cause instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            if (cause instanceof RetriableException) {
                throw unreachable(cause);
            }
            throw new CommandException(
                    Failure.environment(
                            "kafka.refused",
                            "the Kafka brokers " + source.connection() + " refused: " + cause.getMessage(),
                            "check tls, sasl and the rights of component \"" + source.component() + "\""),
                    cause);
        }
    }

    private CommandException unreachable(Throwable cause) {
        return new CommandException(
                Failure.environment(
                        "kafka.unreachable",
                        "no Kafka broker answered within " + Durations.show(timeout) + ": "
                                + BrokerDiagnosis.explain(source.connection().brokers()),
                        "brokers are those of component \"" + source.component() + "\""),
                cause);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
