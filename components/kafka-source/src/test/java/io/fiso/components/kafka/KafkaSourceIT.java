// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.kafkanode.KafkaNodeProcess;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.SourceEvent;
import io.fiso.testkit.PipelineDouble;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source against a real broker. */
class KafkaSourceIT {
    private static KafkaNodeProcess kafka;
    private static Admin admin;
    private static Producer<byte[], byte[]> producer;

    @TempDir
    Path state;

    private final List<PipelineDouble> running = new ArrayList<>();
    private String topic = "";

    @BeforeAll
    static void startKafka(@TempDir Path directory) throws Exception {
        kafka = KafkaNodeProcess.start(directory);
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        producer = new KafkaProducer<>(
                // One request at a time: a new topic that refuses the first batch and takes the second stalls an
                // idempotent producer.
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stopKafka() {
        producer.close();
        admin.close();
        kafka.close();
    }

    @BeforeEach
    void createTopic() throws Exception {
        topic = "orders-" + UUID.randomUUID();
        createTopic(topic, 3);
    }

    @AfterEach
    void stopSources() throws Exception {
        for (PipelineDouble pipeline : running) {
            pipeline.crash();
        }
    }

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
        producer.flush();
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
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get(30, TimeUnit.SECONDS);
        producer.send(new ProducerRecord<>(topic, 3, null, "{\"n\":1}".getBytes(UTF_8)))
                .get(30, TimeUnit.SECONDS);

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
                    .get(30, TimeUnit.SECONDS);
        }
        PipelineDouble since = start(config(Instant.ofEpochMilli(4_000_000).toString(), "by-time"));
        since.awaitEmitted(3);
        since.stop();
        assertThat(since.emitted()).extracting(KafkaSourceIT::number).containsExactly(3, 4, 5);
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
        admin.deleteRecords(all).all().get(30, TimeUnit.SECONDS);

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
        producer.send(broken).get(30, TimeUnit.SECONDS);
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
    void saysThatWhatListensIsNoBroker() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            KafkaSourceConfig config = new KafkaSourceConfig(
                    "127.0.0.1:" + web.getLocalPort(),
                    topic,
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    Map.of());
            PipelineDouble pipeline = pipeline(config, 0).start(new KafkaSource(Duration.ofMillis(1)));
            pipeline.awaitEnd();
            assertThat(pipeline.failure()).hasMessageContaining("does not answer as a Kafka broker");
        }
    }

    @Test
    void saysThatNothingListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        KafkaSourceConfig config = new KafkaSourceConfig(
                "127.0.0.1:" + port, topic, List.of(), null, null, null, null, null, null, null, Map.of());
        PipelineDouble pipeline = pipeline(config, 0).start(new KafkaSource(Duration.ofMillis(1)));
        pipeline.awaitEnd();
        assertThat(pipeline.failure()).hasMessageContaining("127.0.0.1:" + port).hasMessageContaining("cannot connect");
    }

    private PipelineDouble pipeline(KafkaSourceConfig config, int replica) {
        return new PipelineDouble(config, state.resolve(Integer.toString(replica)), replica);
    }

    private PipelineDouble start(KafkaSourceConfig config) throws Exception {
        return start(config, pipeline(config, 0));
    }

    private PipelineDouble start(KafkaSourceConfig config, PipelineDouble pipeline) throws Exception {
        running.add(pipeline);
        return pipeline.start(new KafkaSource());
    }

    private KafkaSourceConfig config(String startOffset) {
        return config(topic, startOffset);
    }

    private KafkaSourceConfig config(String topicOrGroup, String startOffset) {
        boolean isStart = startOffset.equals("latest") || startOffset.equals("earliest");
        return isStart
                ? config(topicOrGroup, startOffset, group())
                : config(topic, topicOrGroup, startOffset + "-" + topic);
    }

    private static KafkaSourceConfig config(String topic, String startOffset, String group) {
        return new KafkaSourceConfig(
                kafka.bootstrapServers(),
                topic,
                List.of(),
                group,
                startOffset,
                null,
                null,
                null,
                null,
                null,
                Map.of("metadata.max.age.ms", 500, "session.timeout.ms", 6_000, "heartbeat.interval.ms", 200));
    }

    private String group() {
        return "group-" + topic;
    }

    private static void createTopic(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private void produceNumbered(int count) {
        for (int i = 0; i < count; i++) {
            send(topic, "key-" + i % 10, "{\"n\":" + i + "}");
        }
        producer.flush();
    }

    private static void send(String topic, @Nullable String key, String value) {
        producer.send(new ProducerRecord<>(topic, key == null ? null : key.getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    private long committedTotal() throws Exception {
        return positions().values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private Map<TopicPartition, OffsetAndMetadata> positions() throws Exception {
        return admin.listConsumerGroupOffsets(group())
                .partitionsToOffsetAndMetadata()
                .get(30, TimeUnit.SECONDS);
    }

    private void awaitCommitted(long total) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (positions().size() < 3 || committedTotal() < total) {
            assertThat(System.nanoTime()).as("commits reach " + total).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private void awaitPositions(int count) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (positions().size() < count) {
            assertThat(System.nanoTime()).as(count + " positions are committed").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static ConsumerRecord<byte[], byte[]> onlyRecordOf(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList());
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (System.nanoTime() < deadline) {
                var records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) {
                    assertThat(records.count()).isEqualTo(1);
                    return records.iterator().next();
                }
            }
            throw new AssertionError("no record in " + topic);
        }
    }

    private static List<String> ids(PipelineDouble pipeline) {
        return pipeline.emitted().stream()
                .map(event -> event(event).getId())
                .sorted()
                .toList();
    }

    private static int number(SourceEvent event) {
        String data = new String(
                java.util.Objects.requireNonNull(event(event).getData()).toBytes(), UTF_8);
        return Integer.parseInt(data.replaceAll("[^0-9]", ""));
    }

    private static CloudEvent event(SourceEvent event) {
        return java.util.Objects.requireNonNull(event.event());
    }
}
