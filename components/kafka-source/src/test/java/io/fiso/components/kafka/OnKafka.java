// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.kafkanode.KafkaNodeProcess;
import io.fiso.sdk.SourceEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the source against a real broker share: the broker, a topic for each test, and sources that end with it. */
abstract class OnKafka {
    static KafkaNodeProcess kafka;
    static Admin admin;
    static Producer<byte[], byte[]> producer;

    @TempDir
    Path state;

    final List<PipelineDouble> running = new ArrayList<>();
    String topic = "";

    /** One node for all classes; it ends with this JVM. */
    @BeforeAll
    static void startKafka() throws Exception {
        if (kafka != null) {
            return;
        }
        kafka = KafkaNodeProcess.start(Files.createTempDirectory("kafka-source-it"));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        producer = new KafkaProducer<>(
                // One request at a time: a new topic that refuses the first batch and takes the second stalls an
                // idempotent producer.
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
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

    PipelineDouble pipeline(KafkaSourceConfig config, int replica) {
        return new PipelineDouble(config, state.resolve(Integer.toString(replica)), replica);
    }

    PipelineDouble start(KafkaSourceConfig config) throws Exception {
        return start(config, pipeline(config, 0));
    }

    PipelineDouble start(KafkaSourceConfig config, PipelineDouble pipeline) throws Exception {
        running.add(pipeline);
        return pipeline.start(new KafkaSource());
    }

    KafkaSourceConfig config(String startOffset) {
        return config(topic, startOffset);
    }

    KafkaSourceConfig config(String topicOrGroup, String startOffset) {
        boolean isStart = startOffset.equals("latest") || startOffset.equals("earliest");
        return isStart
                ? config(topicOrGroup, startOffset, group())
                : config(topic, topicOrGroup, startOffset + "-" + topic);
    }

    static KafkaSourceConfig config(String topic, String startOffset, String group) {
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

    String group() {
        return "group-" + topic;
    }

    static void createTopic(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                .all()
                .get(120, TimeUnit.SECONDS);
    }

    void produceNumbered(int count) {
        for (int i = 0; i < count; i++) {
            send(topic, "key-" + i % 10, "{\"n\":" + i + "}");
        }
        producer.flush();
    }

    static void send(String topic, @Nullable String key, String value) {
        producer.send(new ProducerRecord<>(topic, key == null ? null : key.getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    long committedTotal() throws Exception {
        return positions().values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    Map<TopicPartition, OffsetAndMetadata> positions() throws Exception {
        return admin.listConsumerGroupOffsets(group())
                .partitionsToOffsetAndMetadata()
                .get(120, TimeUnit.SECONDS);
    }

    void awaitCommitted(long total) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (positions().size() < 3 || committedTotal() < total) {
            assertThat(System.nanoTime()).as("commits reach " + total).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    void awaitPositions(int count) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (positions().size() < count) {
            assertThat(System.nanoTime()).as(count + " positions are committed").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    static ConsumerRecord<byte[], byte[]> onlyRecordOf(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList());
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
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

    static List<String> ids(PipelineDouble pipeline) {
        return pipeline.emitted().stream()
                .map(event -> event(event).getId())
                .sorted()
                .toList();
    }

    static int number(SourceEvent event) {
        String data = new String(
                java.util.Objects.requireNonNull(event(event).getData()).toBytes(), UTF_8);
        return Integer.parseInt(data.replaceAll("[^0-9]", ""));
    }

    static CloudEvent event(SourceEvent event) {
        return java.util.Objects.requireNonNull(event.event());
    }
}
