// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
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
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The Kafka that {@code fisoctl dev kafka} starts, one for all tests of this JVM. */
final class KafkaBroker implements AutoCloseable {
    private static final long CALL_SECONDS = 120;
    // Kept, since loggers are otherwise collected together with their levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");
    private static final Logger NETWORK_LOGGER = Logger.getLogger("org.apache.kafka.clients.NetworkClient");

    private static @Nullable KafkaBroker shared;

    private final FisoctlProcess node;
    private final String bootstrapServers;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    private KafkaBroker(FisoctlProcess node, String bootstrapServers) {
        this.node = node;
        CLIENT_LOGGER.setLevel(Level.WARNING);
        // Brokers that are away are what some tests want.
        NETWORK_LOGGER.setLevel(Level.SEVERE);
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.ACKS_CONFIG, "all",
                        ProducerConfig.LINGER_MS_CONFIG, "5",
                        // A topic that has just been made may refuse the first batch and take the second.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1",
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "8388608"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Starts it at first use; it ends with this JVM. */
    static synchronized KafkaBroker shared() throws Exception {
        KafkaBroker broker = shared;
        if (broker == null) {
            Sandbox sandbox = Sandbox.in(Distribution.scratch().resolve("kafka"));
            broker = start(sandbox, 0);
            FisoctlProcess node = broker.node;
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node)));
            shared = broker;
        }
        return broker;
    }

    /** One of the test's own, to be killed; it ends with the sandbox. */
    static KafkaBroker own(Sandbox sandbox) throws Exception {
        return start(sandbox, 0);
    }

    /** One of the test's own that listens at this host:port too; it ends with the sandbox. */
    static KafkaBroker own(Sandbox sandbox, String further) throws Exception {
        return start(sandbox, 0, "--listen", further);
    }

    private static KafkaBroker start(Sandbox sandbox, int port, String... more) throws Exception {
        List<Object> command = new ArrayList<>(List.of("dev", "kafka", "--port", port));
        command.addAll(List.of(more));
        FisoctlProcess node = sandbox.start(command.toArray());
        Eventually.until(
                Sandbox.PATIENCE,
                () -> {
                    if (!node.isAlive()) {
                        throw new AssertionError("Kafka did not start\n" + node);
                    }
                    return node.out().contains("\n");
                },
                node::toString);
        return new KafkaBroker(node, node.outLines().getFirst().strip());
    }

    /** kill -9 of the broker; returns when it is gone. */
    void kill() throws Exception {
        Optional<ProcessHandle> broker = ProcessHandle.of(node.pid())
                .flatMap(fisoctl -> fisoctl.descendants()
                        .filter(child -> child.info().command().orElse("").endsWith("java"))
                        .findFirst());
        broker.ifPresent(ProcessHandle::destroyForcibly);
        node.close();
        if (broker.isPresent()) {
            broker.get().onExit().get(CALL_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Starts it again at the same address, with the data it had. */
    KafkaBroker again(Sandbox sandbox) throws Exception {
        close();
        return start(sandbox, Integer.parseInt(bootstrapServers.substring(bootstrapServers.lastIndexOf(':') + 1)));
    }

    @Override
    public void close() throws Exception {
        admin.close(Duration.ZERO);
        producer.close(Duration.ZERO);
        kill();
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
        return topic(name, partitions, Map.of());
    }

    /** Makes a topic that no other test has, with settings of its own. */
    String topic(String name, int partitions, Map<String, String> settings) throws Exception {
        String topic = name + "-" + UUID.randomUUID().toString().substring(0, 8);
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
                .all()
                .get(CALL_SECONDS, TimeUnit.SECONDS);
        Eventually.until(
                Duration.ofSeconds(CALL_SECONDS),
                () -> hasLeaders(topic, partitions),
                () -> "topic " + topic + " has no leaders");
        return topic;
    }

    /** The broker answers that a topic is made before it knows the topic itself. */
    private boolean hasLeaders(String topic, int partitions) throws Exception {
        try {
            ends(topic, partitions);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** Changes a topic's setting. */
    void alter(String topic, String setting, String value) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET))))
                .all()
                .get(CALL_SECONDS, TimeUnit.SECONDS);
    }

    /** The members of a consumer group, by the ids that Kafka gave them: a member that leaves and comes back has another. */
    Set<String> members(String group) throws Exception {
        return describe(group).stream()
                .flatMap(description -> description.members().stream())
                .map(member -> member.consumerId())
                .collect(Collectors.toSet());
    }

    /** Which partitions the members of a group have, by the ids that they gave themselves; nothing before the first has joined. */
    Map<String, Set<Integer>> assignment(String group) throws Exception {
        Map<String, Set<Integer>> assignment = new TreeMap<>();
        describe(group)
                .ifPresent(description -> description
                        .members()
                        .forEach(member -> assignment.put(
                                member.groupInstanceId().orElse(member.consumerId()),
                                member.assignment().topicPartitions().stream()
                                        .map(TopicPartition::partition)
                                        .collect(Collectors.toCollection(TreeSet::new)))));
        return assignment;
    }

    private Optional<ConsumerGroupDescription> describe(String group) throws Exception {
        try {
            return Optional.of(admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group)
                    .get(CALL_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Answers where each of them went. */
    List<RecordMetadata> produce(String topic, List<Oracle.Issued> events) throws Exception {
        return send(events.stream()
                .map(event -> new ProducerRecord<>(topic, bytes(event.key()), bytes(event.json())))
                .toList());
    }

    List<RecordMetadata> send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sent.add(producer.send(record));
        }
        producer.flush();
        List<RecordMetadata> positions = new ArrayList<>();
        for (Future<RecordMetadata> one : sent) {
            positions.add(one.get(CALL_SECONDS, TimeUnit.SECONDS));
        }
        return positions;
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
