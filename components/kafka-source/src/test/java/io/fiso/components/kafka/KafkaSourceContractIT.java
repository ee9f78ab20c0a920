// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.kafkanode.KafkaNodeProcess;
import io.fiso.sdk.EventSource;
import io.fiso.testkit.SourceRecoveryContract;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** The source's contract, over a topic that a bounded read comes to the end of. */
class KafkaSourceContractIT extends SourceRecoveryContract {
    private static final int EVENTS = 5_000;
    private static KafkaNodeProcess kafka;
    private static String topic = "";

    private String group = "";

    @BeforeAll
    static void fillATopic() throws Exception {
        OnKafka.startKafka();
        kafka = OnKafka.kafka;
        topic = "contract-" + UUID.randomUUID();
        OnKafka.createTopic(topic, 3);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < EVENTS; i++) {
                producer.send(new ProducerRecord<>(
                        topic, ("key-" + i % 100).getBytes(UTF_8), ("{\"n\":" + i + "}").getBytes(UTF_8)));
            }
        }
    }

    @BeforeEach
    void chooseAGroup() {
        group = "contract-" + UUID.randomUUID();
    }

    @Override
    protected EventSource source() {
        return new KafkaSource();
    }

    @Override
    protected String config() {
        return """
                {"brokers": "%s", "topic": "%s", "consumerGroup": "%s", "startOffset": "earliest", "until": "end"}""".formatted(kafka.bootstrapServers(), topic, group);
    }

    @Override
    protected int expected() {
        return EVENTS;
    }
}
