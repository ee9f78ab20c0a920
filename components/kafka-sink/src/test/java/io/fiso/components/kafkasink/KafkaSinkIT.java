// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloudevents.CloudEvent;
import io.fiso.kafkanode.KafkaNodeProcess;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.message.EventWriter.Mode;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sink against a real broker. */
class KafkaSinkIT {
    /** Much longer than a broker takes that is there, and no longer than one should wait for one that is not. */
    private static final Duration BATCH_TIMEOUT = Duration.ofSeconds(10);

    private static KafkaNodeProcess kafka;

    @TempDir
    Path state;

    private final KafkaSink sink = new KafkaSink(BATCH_TIMEOUT);
    private final String topic = "enriched-" + UUID.randomUUID();
    private final Map<Integer, DeliveryException> failures = new HashMap<>();

    @BeforeAll
    static void startKafka(@TempDir Path directory) throws Exception {
        // A node that was killed is let in again when its session is over.
        kafka = KafkaNodeProcess.start(directory, "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500");
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @AfterEach
    void close() {
        sink.close();
    }

    @Test
    void writesPayloadKeyAndHeaders() throws Exception {
        open(Mode.BINARY);
        deliver(event("A-1", "{\"n\": 1.10}")
                .attribute("correlationid", "c-1")
                .attribute("kafkaheaders", "tenant=a%26b%3D%C3%B6&flag&tenant=2")
                .build());

        ConsumerRecord<byte[], byte[]> record = records(1).getFirst();
        assertThat(record.key()).isEqualTo("key-0".getBytes(UTF_8));
        assertThat(record.value()).isEqualTo("{\"n\": 1.10}".getBytes(UTF_8));
        assertThat(headers(record))
                .containsEntry("ce_specversion", List.of("1.0"))
                .containsEntry("ce_id", List.of("A-1"))
                .containsEntry("ce_type", List.of("order.create.v1"))
                .containsEntry("ce_correlationid", List.of("c-1"))
                .containsEntry("content-type", List.of("application/json"))
                .containsEntry("fiso-event-id", List.of("A-1"))
                .containsEntry("fiso-correlation-id", List.of("c-1"))
                .containsEntry("tenant", List.of("a&b=ö", "2"))
                .containsEntry("flag", List.of("null"))
                .doesNotContainKeys("ce_kafkaheaders", "ce_datacontenttype");
    }

    @Test
    void writesStructuredEvents() throws Exception {
        open(Mode.STRUCTURED);
        deliver(event("A-1", "1").build());

        ConsumerRecord<byte[], byte[]> record = records(1).getFirst();
        assertThat(headers(record)).containsEntry("content-type", List.of("application/cloudevents+json"));
        assertThat(JsonFormat.decode(record.value()).getId()).isEqualTo("A-1");
    }

    @Test
    void writesATombstoneForAnEventWithoutData() throws Exception {
        open(Mode.BINARY);
        deliver(WireEvent.builder().id("1").source("/s").type("t").build());
        assertThat(records(1).getFirst().value()).isNull();
    }

    @Test
    void reportsTheOneEventThatIsTooLargeAndDeliversTheOthers() throws Exception {
        open(Mode.BINARY);
        deliver(
                event("1", "1").build(),
                event("2", "\"" + "x".repeat(6 * 1024 * 1024) + "\"").build(),
                event("3", "3").build());

        assertThat(failures).containsOnlyKeys(1);
        assertThat(Objects.requireNonNull(failures.get(1)).kind()).isEqualTo(DeliveryException.Kind.PERMANENT);
        assertThat(Objects.requireNonNull(failures.get(1)).code()).isEqualTo("EVENT_TOO_LARGE");
        assertThat(records(2)).hasSize(2);
    }

    @Test
    void keepsTheOrderOfAKeyOverManyBatches() throws Exception {
        open(Mode.BINARY);
        for (int batch = 0; batch < 10; batch++) {
            CloudEvent[] events = new CloudEvent[100];
            for (int i = 0; i < 100; i++) {
                events[i] = event("e", Integer.toString(batch * 100 + i)).build();
            }
            deliver(events);
        }
        Map<String, List<Integer>> byKey = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records(1000)) {
            byKey.computeIfAbsent(new String(record.key(), UTF_8), _ -> new ArrayList<>())
                    .add(Integer.parseInt(new String(record.value(), UTF_8)));
        }
        assertThat(byKey).hasSize(10);
        assertThat(byKey.values())
                .allSatisfy(numbers -> assertThat(numbers).hasSize(100).isSorted());
    }

    @Test
    void failsForAWhileWhenNoBrokerAnswersAndRecovers() throws Exception {
        open(Mode.BINARY);
        deliver(event("1", "1").build());
        kafka.kill();
        DeliveryException failure = Objects.requireNonNull(catchThrowableOfType(
                DeliveryException.class, () -> deliver(event("2", "2").build())));
        kafka.restart();
        deliver(event("2", "2").build());

        assertThat(failure.kind()).isEqualTo(DeliveryException.Kind.TRANSIENT);
        assertThat(failure).hasMessageContaining(topic);
        assertThat(records(2))
                .extracting(record -> new String(record.value(), UTF_8))
                .containsExactly("1", "2");
    }

    @Test
    void keepsTheOrderOfAKeyWhenTheBrokerDiesAgainAndAgain() throws Exception {
        open(Mode.BINARY);
        int batches = 40;
        AtomicInteger delivered = new AtomicInteger();
        Thread load = Thread.ofVirtual().start(() -> {
            while (delivered.get() < batches && !Thread.currentThread().isInterrupted()) {
                CloudEvent[] events = new CloudEvent[50];
                for (int i = 0; i < events.length; i++) {
                    events[i] = event("e", Integer.toString(delivered.get() * events.length + i))
                            .build();
                }
                try {
                    deliver(events);
                    delivered.incrementAndGet();
                } catch (Exception _) {
                    // Tried again, as lanes do: the same events first.
                }
            }
        });
        int afterFirst = 0;
        for (int kill = 0; kill < 2; kill++) {
            int seen = delivered.get();
            awaitMore(delivered, seen, batches);
            kafka.kill();
            kafka.restart();
            afterFirst = delivered.get();
        }
        load.join(Duration.ofSeconds(120));
        assertThat(delivered.get()).isEqualTo(batches).isGreaterThan(afterFirst);

        Map<String, List<Integer>> firstTimes = new HashMap<>();
        Set<Integer> met = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : recordsFrom(batches * 50)) {
            int number = Integer.parseInt(new String(record.value(), UTF_8));
            if (met.add(number)) {
                firstTimes
                        .computeIfAbsent(new String(record.key(), UTF_8), _ -> new ArrayList<>())
                        .add(number);
            }
        }
        assertThat(met).hasSize(batches * 50);
        assertThat(firstTimes.values())
                .allSatisfy(numbers -> assertThat(numbers).isSorted());
    }

    private static void awaitMore(AtomicInteger delivered, int than, int enough) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (delivered.get() <= than && delivered.get() < enough) {
            assertThat(System.nanoTime())
                    .as("more than " + than + " batches delivered")
                    .isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    /** All records, at least so many, up to the end of the topic. */
    private List<ConsumerRecord<byte[], byte[]>> recordsFrom(int count) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                assertThat(System.nanoTime()).as("the end of the topic").isLessThan(deadline);
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
            assertThat(found).hasSizeGreaterThanOrEqualTo(count);
            return found;
        }
    }

    private void open(Mode mode) {
        sink.open(new PipelineDouble(
                new KafkaSinkConfig(kafka.bootstrapServers(), topic, mode, null, null, Map.of()), state, 0));
    }

    private void deliver(CloudEvent... events) throws Exception {
        sink.deliver(List.of(events), new Outcome() {
            @Override
            public void failed(int index, DeliveryException reason) {
                failures.put(index, reason);
            }

            @Override
            public byte[] orderKey(int index) {
                return ("key-" + index % 10).getBytes(UTF_8);
            }
        });
    }

    private static io.fiso.sdk.event.WireEventBuilder event(String id, String json) {
        return WireEvent.builder()
                .id(id)
                .source("/shop")
                .type("order.create.v1")
                .json(json.getBytes(UTF_8));
    }

    private List<ConsumerRecord<byte[], byte[]>> records(int count) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList());
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (found.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
            assertThat(found).hasSize(count);
            return found;
        }
    }

    private static Map<String, List<String>> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.computeIfAbsent(header.key(), _ -> new ArrayList<>())
                    .add(header.value() == null ? "null" : new String(header.value(), UTF_8));
        }
        return headers;
    }
}
