// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.kafkanode.KafkaNodeProcess;
import io.fiso.testkit.SinkRecoveryContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The sink's contract, with a real broker as the outside. */
class KafkaSinkContractIT extends SinkRecoveryContract {
    private static KafkaNodeProcess kafka;

    private final String topic = "delivered-" + UUID.randomUUID();

    @BeforeAll
    static void startKafka(@TempDir Path directory) throws Exception {
        kafka = KafkaNodeProcess.start(directory);
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Override
    protected Object sink() {
        return new KafkaSink();
    }

    @Override
    protected String config() {
        return "{\"brokers\": \"" + kafka.bootstrapServers() + "\", \"topic\": \"" + topic + "\"}";
    }

    /** The ids in the topic, partition by partition. */
    @Override
    protected List<String> delivered() {
        List<String> ids = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            for (var partition : consumer.partitionsFor(topic)) {
                TopicPartition one = new TopicPartition(topic, partition.partition());
                consumer.assign(List.of(one));
                consumer.seekToBeginning(List.of(one));
                long end = consumer.endOffsets(List.of(one)).get(one);
                while (consumer.position(one) < end) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                        ids.add(new String(record.headers().lastHeader("ce_id").value(), UTF_8));
                    }
                }
            }
        }
        return ids;
    }
}
