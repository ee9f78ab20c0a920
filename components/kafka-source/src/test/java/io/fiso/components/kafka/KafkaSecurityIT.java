// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.kafka.Sasl;
import io.fiso.kafka.Tls;
import io.fiso.kafkanode.SecureKafkaNode;
import io.fiso.kafkanode.SecureKafkaNode.Door;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.SourceEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The source and its dead letters at a broker with locks. */
class KafkaSecurityIT {
    private static final String TOPIC = "orders";
    private static SecureKafkaNode kafka;

    @TempDir
    Path state;

    @BeforeAll
    static void startKafka(@TempDir Path directory) throws Exception {
        kafka = SecureKafkaNode.start(directory);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(1), Optional.empty())))
                    .all()
                    .get(120, TimeUnit.SECONDS);
        }
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "{}".getBytes(UTF_8)));
        }
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    static Stream<Arguments> ways() {
        Tls tls = tls();
        Tls mutual = new Tls(
                kafka.broker().certificate(),
                kafka.client().certificate(),
                kafka.client().key(),
                null,
                null);
        return Stream.of(
                Arguments.of(Door.TLS, tls, null),
                Arguments.of(Door.MUTUAL, mutual, null),
                Arguments.of(Door.PLAIN, tls, sasl(Sasl.Mechanism.PLAIN)),
                Arguments.of(Door.SCRAM, tls, sasl(Sasl.Mechanism.SCRAM_SHA_256)),
                Arguments.of(Door.SCRAM, tls, sasl(Sasl.Mechanism.SCRAM_SHA_512)),
                Arguments.of(Door.BARE, null, sasl(Sasl.Mechanism.SCRAM_SHA_512)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void readsCommitsAndWritesDeadLetters(Door door, @Nullable Tls tls, @Nullable Sasl sasl) throws Exception {
        PipelineDouble pipeline = start(door, tls, sasl);
        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        SourceEvent event = pipeline.emitted().getFirst();
        assertThat(pipeline.committed()).containsEntry(TOPIC + "-0", 1L);

        try (var store = pipeline.deadLetterStore()) {
            store.write(List.of(new DeadLetter(
                    Objects.requireNonNull(event.original()),
                    "1",
                    "1",
                    "503",
                    "no",
                    3,
                    "sink",
                    Instant.EPOCH,
                    "shop",
                    "")));
        }
    }

    @Test
    void saysThatThePasswordIsWrong() throws Exception {
        PipelineDouble pipeline =
                start(Door.SCRAM, tls(), new Sasl(Sasl.Mechanism.SCRAM_SHA_512, SecureKafkaNode.USER, "guess"));
        pipeline.awaitEnd();
        assertThat(pipeline.failure())
                .hasMessageContaining("refuse this client")
                .hasMessageContaining("invalid credentials")
                .hasMessageNotContaining("guess");
    }

    @Test
    void saysThatTheCertificateIsNotTrusted() throws Exception {
        PipelineDouble pipeline = start(Door.TLS, new Tls(kafka.client().certificate(), null, null, null, null), null);
        pipeline.awaitEnd();
        assertThat(pipeline.failure())
                .hasMessageContaining("refuse this client")
                .hasMessageContaining("SSL handshake failed");
    }

    private PipelineDouble start(Door door, @Nullable Tls tls, @Nullable Sasl sasl) throws Exception {
        KafkaSourceConfig config = new KafkaSourceConfig(
                kafka.bootstrapServers(door),
                TOPIC,
                List.of(),
                "group-" + UUID.randomUUID(),
                "earliest",
                "end",
                null,
                null,
                tls,
                sasl,
                Map.of());
        return new PipelineDouble(config, state, 0).start(new KafkaSource());
    }

    private static Tls tls() {
        return new Tls(kafka.broker().certificate(), null, null, null, null);
    }

    private static Sasl sasl(Sasl.Mechanism mechanism) {
        return new Sasl(mechanism, SecureKafkaNode.USER, SecureKafkaNode.PASSWORD);
    }
}
