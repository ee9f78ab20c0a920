// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.SourceEvent;
import io.fiso.testkit.PipelineDouble;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

/** The source against a real broker. */
class KafkaSourceIT extends OnKafka {
    @Test
    void readsEveryRecordInTheOrderOfItsKeyAndCommitsThemAll() throws Exception {
        produceNumbered(300);

        PipelineDouble pipeline = start(config("earliest"));
        pipeline.awaitEmitted(300);
        pipeline.stop();

        Map<String, List<Integer>> byKey = new HashMap<>();
        for (SourceEvent event : pipeline.emitted()) {
            byKey.computeIfAbsent(new String(event.orderKey(), UTF_8), _ -> new ArrayList<>())
                    .add(number(event));
        }
        assertThat(byKey).hasSize(10);
        assertThat(byKey.values())
                .allSatisfy(numbers -> assertThat(numbers).hasSize(30).isSorted());
        assertThat(committedTotal()).isEqualTo(300);
        assertThat(pipeline.failure()).isNull();
    }

    @Test
    void commitsNothingBeyondWhatIsSettled() throws Exception {
        produceNumbered(50);

        PipelineDouble pipeline =
                start(config("earliest"), pipeline(config("earliest"), 0).holdSettlement());
        pipeline.awaitEmitted(50);
        assertThat(committedTotal()).isZero();

        pipeline.settleEverything();
        pipeline.stop();
        assertThat(committedTotal()).isEqualTo(50);
    }

    @Test
    void losesNothingWhenItDiesBeforeItsFirstCommitAfterStartingAtTheLatest() throws Exception {
        produceNumbered(20);
        PipelineDouble first =
                start(config("latest"), pipeline(config("latest"), 0).holdSettlement());
        awaitCommitted(20);
        produceNumbered(5);
        first.awaitEmitted(5);
        first.crash();

        PipelineDouble second = start(config("latest"));
        second.awaitEmitted(5);
        second.stop();

        assertThat(ids(second)).isEqualTo(ids(first)).hasSize(5);
    }

    @Test
    void replaysNothingAfterACleanStop() throws Exception {
        produceNumbered(40);
        PipelineDouble first = start(config("earliest"));
        first.awaitEmitted(40);
        first.stop();
        produceNumbered(3);

        PipelineDouble second = start(config("earliest"));
        second.awaitEmitted(3);
        second.stop();

        assertThat(second.emitted()).hasSize(3);
        assertThat(ids(first)).doesNotContainAnyElementsOf(ids(second));
    }

    @Test
    void readsATopicThatAppearsLaterFromItsBeginning() throws Exception {
        String later = "later-" + UUID.randomUUID();
        PipelineDouble pipeline = start(config(later, "latest"));
        pipeline.awaitUntil(
                () -> pipeline.holding().contains(later), () -> "the source waits for topic \"" + later + "\"");
        createTopic(later, 2);
        for (int i = 0; i < 4; i++) {
            send(later, "key", "{\"n\":" + i + "}");
        }

        pipeline.awaitEmitted(4);
        pipeline.stop();
        assertThat(pipeline.emitted()).hasSize(4);
    }

    @Test
    void readsPartitionsThatAppearLaterFromTheirBeginning() throws Exception {
        PipelineDouble first = start(config("latest"));
        awaitPositions(3);
        first.stop();
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get(120, TimeUnit.SECONDS);
        producer.send(new ProducerRecord<>(topic, 3, null, "{\"n\":1}".getBytes(UTF_8)))
                .get(120, TimeUnit.SECONDS);

        PipelineDouble second = start(config("latest"));
        second.awaitEmitted(1);
        second.stop();

        assertThat(second.emitted())
                .singleElement()
                .satisfies(event -> assertThat(event.partition()).isEqualTo(topic + "-3"));
    }

    @Test
    void startsAtATimeAndAtAnOffset() throws Exception {
        for (int i = 0; i < 6; i++) {
            producer.send(new ProducerRecord<>(
                            topic, 0, 1_000_000L * (i + 1), null, ("{\"n\":" + i + "}").getBytes(UTF_8)))
                    .get(120, TimeUnit.SECONDS);
        }
        PipelineDouble since = start(config(Instant.ofEpochMilli(4_000_000).toString(), "by-time"));
        since.awaitEmitted(3);
        since.stop();
        assertThat(since.emitted()).extracting(OnKafka::number).containsExactly(3, 4, 5);
    }

    @Test
    void keepsItsPlaceInTheGroupWhileAPartitionIsNotTaken() throws Exception {
        PipelineDouble pipeline = pipeline(config("earliest"), 0);
        pipeline.fill(topic + "-0");
        for (int partition = 0; partition < 3; partition++) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(topic, partition, null, ("{\"n\":" + i + "}").getBytes(UTF_8)));
            }
        }
        producer.flush();

        start(config("earliest"), pipeline);
        pipeline.awaitEmitted(20);
        assertThat(pipeline.emitted()).noneMatch(event -> event.partition().equals(topic + "-0"));
        pipeline.drain(topic + "-0");
        pipeline.awaitEmitted(30);
        pipeline.stop();

        assertThat(pipeline.released()).isSubsetOf(topic + "-0", topic + "-1", topic + "-2");
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void handsPartitionsOverOnlyWhenWhatIsInFlightHasSettled() throws Exception {
        produceNumbered(60);
        PipelineDouble first = pipeline(config("earliest"), 0).holdSettlement();
        start(config("earliest"), first);
        first.awaitEmitted(60);

        PipelineDouble second = start(config("earliest"), pipeline(config("earliest"), 1));
        // The second member gets its share once the first has settled: nothing of it may come twice.
        first.settleEverything();
        first.awaitUntil(() -> !first.released().isEmpty(), () -> "partitions to be handed over");
        awaitCommitted(60);
        produceNumbered(60);
        first.awaitUntil(
                () -> first.emitted().size() + second.emitted().size() >= 120,
                () -> "120 events, found " + first.emitted().size() + " and "
                        + second.emitted().size());
        first.stop();
        second.stop();

        List<String> all = new ArrayList<>(ids(first));
        all.addAll(ids(second));
        assertThat(second.emitted()).isNotEmpty();
        assertThat(all).hasSize(120).doesNotHaveDuplicates();
    }

    @Test
    void refusesToSkipRecordsThatHaveExpired() throws Exception {
        produceNumbered(30);
        PipelineDouble first = pipeline(config("earliest"), 0).holdSettlement();
        start(config("earliest"), first);
        first.awaitEmitted(30);
        first.crash();
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (int partition = 0; partition < 3; partition++) {
            all.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(-1));
        }
        admin.deleteRecords(all).all().get(120, TimeUnit.SECONDS);

        PipelineDouble second = start(config("earliest"));
        second.awaitEnd();

        assertThat(second.emitted()).isEmpty();
        assertThat(second.failure())
                .hasMessageContaining("outside what the topic still has")
                .hasMessageContaining(topic);
    }

    @Test
    void givesTheSameRecordTheSameIdAndDifferentRecordsDifferentOnes() throws Exception {
        for (int i = 0; i < 200; i++) {
            producer.send(new ProducerRecord<>(topic, i % 3, 1_700_000_000_000L, null, "{}".getBytes(UTF_8)));
        }
        producer.flush();
        PipelineDouble one = start(config("earliest", "group-one"));
        one.awaitEmitted(200);
        one.stop();
        PipelineDouble other = start(config("earliest", "group-other"));
        other.awaitEmitted(200);
        other.stop();

        Set<String> ids = new HashSet<>(ids(one));
        assertThat(ids).hasSize(200).allSatisfy(id -> {
            UUID uuid = UUID.fromString(id);
            assertThat(uuid.version()).isEqualTo(7);
            assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(1_700_000_000_000L);
        });
        assertThat(new HashSet<>(ids(other))).isEqualTo(ids);
    }

    @Test
    void writesDeadLettersWithTheOriginalBytesAndWhatHappened() throws Exception {
        byte[] value = {'n', 'o', 't', ' ', (byte) 0xFF, 'j', 's', 'o', 'n'};
        ProducerRecord<byte[], byte[]> broken =
                new ProducerRecord<>(topic, 1, 1_700_000_000_000L, new byte[] {0, 1, (byte) 0xFE}, value);
        broken.headers().add("tenant", "acme".getBytes(UTF_8)).add("x-request-id", "request-7".getBytes(UTF_8));
        producer.send(broken).get(120, TimeUnit.SECONDS);
        PipelineDouble pipeline = start(config("earliest"));
        pipeline.awaitEmitted(1);
        SourceEvent failed = pipeline.emitted().getFirst();
        assertThat(failed.failure())
                .hasValueSatisfying(reason -> assertThat(reason.code()).isEqualTo("CLOUDEVENT_WRAP_FAILED"));

        Instant failedAt = Instant.parse("2026-01-31T10:15:30Z");
        try (var store = pipeline.deadLetterStore()) {
            store.write(List.of(new DeadLetter(
                    java.util.Objects.requireNonNull(failed.original()),
                    "event-1",
                    "request-7",
                    "503",
                    "the endpoint answered 503",
                    3,
                    "callback",
                    failedAt,
                    "shop",
                    "orders")));
        }
        pipeline.stop();

        ConsumerRecord<byte[], byte[]> letter = onlyRecordOf("fiso-dlq-shop");
        assertThat(letter.key()).isEqualTo(new byte[] {0, 1, (byte) 0xFE});
        assertThat(letter.value()).isEqualTo(value);
        Map<String, String> headers = new HashMap<>();
        for (Header header : letter.headers()) {
            assertThat(headers.put(header.key(), new String(header.value(), UTF_8)))
                    .isNull();
        }
        assertThat(headers)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("fiso-original-topic", topic),
                        Map.entry("fiso-original-partition", "1"),
                        Map.entry("fiso-original-offset", "0"),
                        Map.entry("fiso-original-timestamp", "1700000000000"),
                        Map.entry("fiso-error-code", "503"),
                        Map.entry("fiso-error-message", "the endpoint answered 503"),
                        Map.entry("fiso-retry-count", "2"),
                        Map.entry("fiso-failed-at", "2026-01-31T10:15:30Z"),
                        Map.entry("fiso-failed-component", "callback"),
                        Map.entry("fiso-flow-name", "shop"),
                        Map.entry("fiso-source-component", "orders"),
                        Map.entry("fiso-event-id", "event-1"),
                        Map.entry("fiso-correlation-id", "request-7"),
                        Map.entry("tenant", "acme"),
                        Map.entry("x-request-id", "request-7")));
    }

    @Test
    void holdsAndSaysThatWhatListensIsNoBroker() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            PipelineDouble pipeline = startAt("127.0.0.1:" + web.getLocalPort());
            pipeline.awaitUntil(
                    () -> pipeline.holding().contains("does not answer as a Kafka broker"), pipeline::holding);
            pipeline.stop();
            assertThat(pipeline.failure()).isNull();
        }
    }

    private PipelineDouble startAt(String brokers) throws Exception {
        KafkaSourceConfig config = new KafkaSourceConfig(
                brokers, topic, List.of(), group(), "earliest", null, null, null, null, null, Map.of());
        return start(config, pipeline(config, 0));
    }
}
