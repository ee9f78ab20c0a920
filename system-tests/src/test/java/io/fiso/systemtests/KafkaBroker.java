// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The Kafka that {@code fisoctl dev kafka} starts, one for all tests of this JVM. */
final class KafkaBroker {
    private static final long CALL_SECONDS = 30;
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");

    private static @Nullable KafkaBroker shared;

    private final String bootstrapServers;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    private KafkaBroker(String bootstrapServers) {
        CLIENT_LOGGER.setLevel(Level.WARNING);
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.ACKS_CONFIG, "all",
                        ProducerConfig.LINGER_MS_CONFIG, "5",
                        // A topic that has just been made may refuse the first batch and take the second.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Starts it at first use; it ends with this JVM. */
    static synchronized KafkaBroker shared() throws Exception {
        KafkaBroker broker = shared;
        if (broker == null) {
            Sandbox sandbox = Sandbox.in(Distribution.scratch().resolve("kafka"));
            FisoctlProcess node = sandbox.start("dev", "kafka", "--port", "0");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node)));
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> {
                        if (!node.isAlive()) {
                            throw new AssertionError("Kafka did not start\n" + node);
                        }
                        return node.out().contains("\n");
                    },
                    node::toString);
            broker = new KafkaBroker(node.outLines().getFirst().strip());
            shared = broker;
        }
        return broker;
    }

    private static void stop(FisoctlProcess node) {
        try {
            node.signal("TERM");
            node.awaitExit(Duration.ofSeconds(20));
        } catch (Exception | AssertionError e) {
            System.err.println("Kafka did not stop cleanly: " + e.getMessage());
        } finally {
            ProcessHandle.of(node.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Makes a topic that no other test has. */
    String topic(String name, int partitions) throws Exception {
        String topic = name + "-" + UUID.randomUUID().toString().substring(0, 8);
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get(CALL_SECONDS, TimeUnit.SECONDS);
        // Answers when every partition has its leader.
        ends(topic, partitions);
        return topic;
    }

    void produce(String topic, List<Oracle.Issued> events) throws Exception {
        send(events.stream()
                .map(event -> new ProducerRecord<>(topic, bytes(event.key()), bytes(event.json())))
                .toList());
    }

    void send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sent.add(producer.send(record));
        }
        producer.flush();
        for (Future<RecordMetadata> one : sent) {
            one.get(CALL_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Where the group stands, per partition; partitions without a commit are left out. */
    Map<Integer, Long> committed(String group, String topic) throws Exception {
        Map<Integer, Long> offsets = new TreeMap<>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(CALL_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, offset) -> {
                    if (partition.topic().equals(topic) && offset != null) {
                        offsets.put(partition.partition(), offset.offset());
                    }
                });
        return offsets;
    }

    /** Where the topic ends, per partition. */
    Map<Integer, Long> ends(String topic, int partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> query = IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(p -> new TopicPartition(topic, p), _ -> OffsetSpec.latest()));
        Map<Integer, Long> ends = new TreeMap<>();
        admin.listOffsets(query)
                .all()
                .get(CALL_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, offset) -> ends.put(partition.partition(), offset.offset()));
        return ends;
    }

    /** Waits until the group has committed the end of every partition. */
    void awaitCommitted(String group, String topic, int partitions, Duration deadline) throws Exception {
        Map<Integer, Long> ends = ends(topic, partitions);
        ends.values().removeIf(end -> end == 0);
        Eventually.until(
                deadline,
                () -> committed(group, topic).entrySet().containsAll(ends.entrySet()),
                () -> group + " committed " + describe(group, topic) + " of " + ends);
    }

    private String describe(String group, String topic) {
        try {
            return committed(group, topic).toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    /** Reads a topic from its beginning until it has so many records; fails if there are fewer. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic, int count, Duration deadline) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "test-" + UUID.randomUUID(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                        "500"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            Eventually.until(
                    deadline,
                    () -> {
                        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                        return records.size() >= count;
                    },
                    () -> topic + " has " + records.size() + " records of " + count);
        }
        return records;
    }

    /** A header's text, if the record has it. */
    static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(header -> new String(header.value(), StandardCharsets.UTF_8));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
