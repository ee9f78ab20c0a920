// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.kafka.CommitNote;
import io.fiso.testkit.PipelineDouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The source as a member of a group: fencing, handing over, taking over, staying in. */
class KafkaGroupIT extends OnKafka {
    private static final int POLL_INTERVAL_MILLIS = 3_000;
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(20);

    @Test
    void isAStaticMemberNamedAfterPipelineComponentAndReplica() throws Exception {
        start(groupConfig(), pipeline(groupConfig(), 2));
        awaitPositions(3);
        assertThat(members())
                .extracting(member -> member.groupInstanceId().orElseThrow())
                .containsExactly("shop.orders.2");
        assertThat(description().partitionAssignor()).isEqualTo("cooperative-sticky");
    }

    @Test
    void isFencedByItsSuccessorAtOnce() throws Exception {
        produceNumbered(30);
        PipelineDouble first = pipeline(groupConfig(), 0).holdSettlement();
        start(groupConfig(), first);
        first.awaitEmitted(30);

        PipelineDouble second = start(groupConfig(), pipeline(groupConfig(), 0));
        // Below the session timeout: nothing waits for it.
        long begun = System.nanoTime();
        second.awaitEmitted(30);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SESSION_TIMEOUT);
        first.awaitEnd();

        assertThat(first.failure()).hasMessageContaining("another instance of this component has joined");
        assertThat(first.committed())
                .allSatisfy((_, position) -> assertThat(position).isZero());
        second.stop();
        assertThat(second.failure()).isNull();
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void staysInItsGroupWhileNothingIsTakenForLongerThanThePollInterval() throws Exception {
        PipelineDouble pipeline = pipeline(groupConfig(), 0);
        allPartitions().forEach(pipeline::fill);
        start(groupConfig(), pipeline);
        awaitPositions(3);
        String member = members().getFirst().consumerId();
        produceNumbered(30);
        long begun = System.nanoTime();
        pipeline.awaitUntil(
                () -> System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(POLL_INTERVAL_MILLIS + 1_000),
                () -> "the poll interval to pass");

        assertThat(description().groupState()).isEqualTo(GroupState.STABLE);
        assertThat(members()).extracting(MemberDescription::consumerId).containsExactly(member);
        assertThat(pipeline.released()).isEmpty();
        pipeline.awaitUntil(() -> lag(pipeline) == 30, () -> "a lag of 30, found " + pipeline.lags());

        // Also beyond what it had fetched when it was held.
        produceNumbered(12);
        pipeline.awaitUntil(() -> lag(pipeline) == 42, () -> "a lag of 42, found " + pipeline.lags());
        allPartitions().forEach(pipeline::drain);
        pipeline.awaitEmitted(42);
        pipeline.awaitUntil(() -> lag(pipeline) == 0, () -> "no lag, found " + pipeline.lags());
        pipeline.stop();
        assertThat(committedTotal()).isEqualTo(42);
    }

    @Test
    void handsOverWhatDidNotSettleInTimeWithoutCommittingIt() throws Exception {
        produceNumbered(30);
        PipelineDouble first = pipeline(groupConfig(), 0).holdSettlement();
        start(groupConfig(), first);
        first.awaitEmitted(30);
        PipelineDouble second = start(groupConfig(), pipeline(groupConfig(), 1));
        first.awaitUntil(() -> !first.released().isEmpty(), () -> "a partition to be handed over");

        // The revoke timeout is over and nothing had settled: the second member reads the same records.
        Set<String> moved = Set.copyOf(first.released());
        List<String> there = first.emitted().stream()
                .filter(event -> moved.contains(event.partition()))
                .map(event -> event(event).getId())
                .sorted()
                .toList();
        second.awaitEmitted(there.size());
        assertThat(ids(second)).isEqualTo(there);
        first.settleEverything();
        first.stop();
        second.stop();
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void movesTheTotalsWithThePartition() throws Exception {
        produceNumbered(60);
        PipelineDouble first = start(groupConfig(), pipeline(groupConfig(), 0));
        awaitCommitted(60);
        PipelineDouble second = start(groupConfig(), pipeline(groupConfig(), 1));
        second.awaitUntil(() -> !second.resumed().isEmpty(), () -> "a partition to be taken over");

        assertThat(second.resumed())
                .allSatisfy((partition, ledger) -> assertThat(ledger)
                        .isEqualTo(first.ledgers().get(partition))
                        .startsWith("everything before"));
    }

    @Test
    void readsEverythingOnceWhileReplicasComeAndGo() throws Exception {
        List<PipelineDouble> all = new ArrayList<>();
        all.add(start(groupConfig(), pipeline(groupConfig(), 0)));
        awaitPositions(3);
        for (int replica = 1; replica < 3; replica++) {
            produceNumbered(60);
            PipelineDouble next = start(groupConfig(), pipeline(groupConfig(), replica));
            all.add(next);
            next.awaitUntil(() -> !next.resumed().isEmpty(), () -> "a partition for the new replica");
        }
        produceNumbered(60);
        all.get(0).stop();
        produceNumbered(60);
        awaitCommitted(240);
        all.get(1).stop();
        all.get(2).stop();

        Set<String> ids = new HashSet<>();
        int events = 0;
        for (PipelineDouble replica : all) {
            assertThat(replica.failure()).isNull();
            ids.addAll(ids(replica));
            events += replica.emitted().size();
        }
        assertThat(ids).hasSize(240);
        assertThat(events).isEqualTo(240);
        assertThat(members()).isEmpty();
    }

    @Test
    void commitsTheFirstPositionsOfAllReplicasBeforeAnyEmits() throws Exception {
        produceNumbered(20);
        KafkaSourceConfig latest = groupConfig("latest");
        List<PipelineDouble> replicas = new ArrayList<>();
        for (int replica = 0; replica < 3; replica++) {
            replicas.add(start(latest, pipeline(latest, replica)));
        }
        awaitCommitted(20);
        produceNumbered(20);
        replicas.getFirst()
                .awaitUntil(
                        () -> replicas.stream()
                                        .mapToInt(r -> r.emitted().size())
                                        .sum()
                                >= 20,
                        () -> "20 events");
        assertThat(positions().values())
                .allSatisfy(position -> assertThat(
                                CommitNote.parse(position.metadata()).partitions())
                        .isEqualTo(3));
    }

    @Test
    void readsATopicThatIsDeletedAndCreatedAgainFromItsBeginning() throws Exception {
        produceNumbered(30);
        PipelineDouble pipeline = start(groupConfig("latest"), pipeline(groupConfig("latest"), 0));
        awaitCommitted(30);
        admin.deleteTopics(List.of(topic)).all().get(120, TimeUnit.SECONDS);
        pipeline.awaitUntil(
                () -> pipeline.holding().contains("does not exist"), () -> "the source to say that it waits");
        pipeline.awaitUntil(() -> pipeline.released().size() == 3, () -> "the partitions to be released");
        createTopic(topic, 3);
        produceNumbered(9);
        pipeline.awaitEmitted(9);
        pipeline.awaitUntil(() -> pipeline.holding().isEmpty(), pipeline::holding);
        pipeline.stop();
        assertThat(pipeline.failure()).isNull();
    }

    @Test
    void missesPositionsThatTheClusterForgot() throws Exception {
        produceNumbered(30);
        PipelineDouble first = start(groupConfig(), pipeline(groupConfig(), 0));
        awaitCommitted(30);
        first.stop();
        admin.deleteConsumerGroups(List.of(group())).all().get(120, TimeUnit.SECONDS);

        PipelineDouble second = start(groupConfig("latest"), pipeline(groupConfig("latest"), 0));
        second.awaitEnd();
        assertThat(second.failure())
                .hasMessageContaining("are gone from the cluster")
                .hasMessageContaining(topic);
    }

    @Test
    void goesOnBehindWhatSomebodyElseCommitted() throws Exception {
        produceNumbered(30);
        admin.alterConsumerGroupOffsets(
                        group(),
                        Map.of(
                                new TopicPartition(topic, 0), new OffsetAndMetadata(end(0)),
                                new TopicPartition(topic, 1), new OffsetAndMetadata(0, "somebody's note"),
                                new TopicPartition(topic, 2), new OffsetAndMetadata(0)))
                .all()
                .get(120, TimeUnit.SECONDS);
        PipelineDouble pipeline = start(groupConfig(), pipeline(groupConfig(), 0));
        pipeline.awaitEmitted((int) (30 - end(0)));
        pipeline.stop();
        assertThat(pipeline.emitted()).noneMatch(event -> event.partition().equals(topic + "-0"));
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void takesTombstonesBinaryKeysAndRepeatedHeadersAsTheyAre() throws Exception {
        byte[] key = {0, (byte) 0xFE, 1};
        ProducerRecord<byte[], byte[]> tombstone = new ProducerRecord<>(topic, 0, key, null);
        tombstone
                .headers()
                .add("tag", new byte[] {(byte) 0xFF})
                .add("tag", "two".getBytes(UTF_8))
                .add("none", null);
        producer.send(tombstone).get(120, TimeUnit.SECONDS);
        producer.send(new ProducerRecord<>(topic, 1, null, "{}".getBytes(UTF_8)))
                .get(120, TimeUnit.SECONDS);
        PipelineDouble pipeline = start(groupConfig(), pipeline(groupConfig(), 0));
        pipeline.awaitEmitted(2);
        pipeline.stop();

        var event = pipeline.emitted().stream()
                .filter(one -> one.partition().equals(topic + "-0"))
                .findFirst()
                .orElseThrow();
        assertThat(event.orderKey()).isEqualTo(key);
        assertThat(event(event).getData()).isNull();
        assertThat(event(event).getExtension("kafkaheaders")).isEqualTo("tag=%FF&tag=two&none");
        assertThat(event(event).getExtension("partitionkey")).isNull();
        assertThat(pipeline.emitted().stream()
                        .filter(one -> one.partition().equals(topic + "-1"))
                        .map(one -> new String(one.orderKey(), UTF_8)))
                .containsExactly(topic + "-1");
    }

    @Test
    void readsSeveralTopics() throws Exception {
        String other = "other-" + topic;
        createTopic(other, 1);
        produceNumbered(6);
        send(other, "key", "{\"n\": 1}");
        producer.flush();
        KafkaSourceConfig config = new KafkaSourceConfig(
                kafka.bootstrapServers(),
                null,
                List.of(topic, other),
                group(),
                "earliest",
                "end",
                null,
                null,
                null,
                null,
                Map.of());
        PipelineDouble pipeline = start(config, pipeline(config, 0));
        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted())
                .hasSize(7)
                .anyMatch(event -> event.partition().equals(other + "-0"));
        assertThat(committedTotal()).isEqualTo(7);
    }

    private KafkaSourceConfig groupConfig() {
        return groupConfig("earliest");
    }

    private KafkaSourceConfig groupConfig(String startOffset) {
        return new KafkaSourceConfig(
                kafka.bootstrapServers(),
                topic,
                List.of(),
                group(),
                startOffset,
                null,
                null,
                Duration.ofMillis(1_500),
                null,
                null,
                Map.of(
                        "metadata.max.age.ms",
                        500,
                        "session.timeout.ms",
                        (int) SESSION_TIMEOUT.toMillis(),
                        "heartbeat.interval.ms",
                        200,
                        "max.poll.interval.ms",
                        POLL_INTERVAL_MILLIS));
    }

    private static long lag(PipelineDouble pipeline) {
        return pipeline.lags().values().stream().mapToLong(Long::longValue).sum();
    }

    private Set<String> allPartitions() {
        return Set.of(topic + "-0", topic + "-1", topic + "-2");
    }

    private long end(int partition) throws Exception {
        TopicPartition one = new TopicPartition(topic, partition);
        return admin.listOffsets(Map.of(one, org.apache.kafka.clients.admin.OffsetSpec.latest()))
                .partitionResult(one)
                .get(120, TimeUnit.SECONDS)
                .offset();
    }

    private ConsumerGroupDescription description() throws Exception {
        return admin.describeConsumerGroups(Set.of(group()))
                .describedGroups()
                .get(group())
                .get(120, TimeUnit.SECONDS);
    }

    private List<MemberDescription> members() throws Exception {
        return description().members().stream().collect(Collectors.toList());
    }
}
