// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fiso.kafka.Sasl;
import io.fiso.kafka.Tls;
import io.fiso.kafkanode.SecureKafkaNode;
import io.fiso.kafkanode.SecureKafkaNode.Door;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The sink at a broker with locks. */
class KafkaSinkSecurityIT {
    private static final TopicPartition TARGET = new TopicPartition("delivered", 0);
    private static SecureKafkaNode kafka;
    private static Admin admin;

    @TempDir
    Path state;

    @BeforeAll
    static void startKafka(@TempDir Path directory) throws Exception {
        kafka = SecureKafkaNode.start(directory);
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        admin.createTopics(List.of(new NewTopic(TARGET.topic(), Optional.of(1), Optional.empty())))
                .all()
                .get(120, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stopKafka() {
        admin.close();
        kafka.close();
    }

    static Stream<Arguments> ways() {
        Tls mutual = new Tls(
                kafka.broker().certificate(),
                kafka.client().certificate(),
                kafka.client().key(),
                null,
                null);
        return Stream.of(
                Arguments.of(Door.MUTUAL, mutual, null),
                Arguments.of(Door.PLAIN, tls(), sasl(Sasl.Mechanism.PLAIN, SecureKafkaNode.PASSWORD)),
                Arguments.of(Door.SCRAM, tls(), sasl(Sasl.Mechanism.SCRAM_SHA_256, SecureKafkaNode.PASSWORD)),
                Arguments.of(Door.SCRAM, tls(), sasl(Sasl.Mechanism.SCRAM_SHA_512, SecureKafkaNode.PASSWORD)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void delivers(Door door, @Nullable Tls tls, @Nullable Sasl sasl) throws Exception {
        long before = end();
        deliver(door, tls, sasl);
        assertThat(end()).isEqualTo(before + 1);
    }

    /** A refusal holds for every event: it must open the circuit and not fill the dead letters. */
    @Test
    void holdsAndSaysThatThePasswordIsWrong() {
        DeliveryException failure = Objects.requireNonNull(catchThrowableOfType(
                DeliveryException.class,
                () -> deliver(Door.SCRAM, tls(), sasl(Sasl.Mechanism.SCRAM_SHA_512, "guess"))));
        assertThat(failure.kind()).isEqualTo(DeliveryException.Kind.TRANSIENT);
        assertThat(failure)
                .hasMessageContaining("refused")
                .hasMessageContaining("invalid credentials")
                .hasMessageNotContaining("guess");
    }

    private void deliver(Door door, @Nullable Tls tls, @Nullable Sasl sasl) throws Exception {
        KafkaSinkConfig config =
                new KafkaSinkConfig(kafka.bootstrapServers(door), TARGET.topic(), null, tls, sasl, Map.of());
        try (KafkaSink sink = new KafkaSink()) {
            sink.open(new PipelineDouble(config, state, 0));
            sink.deliver(
                    List.of(WireEvent.builder()
                            .id("1")
                            .source("/s")
                            .type("t")
                            .json("1".getBytes(UTF_8))
                            .build()),
                    new Outcome() {
                        @Override
                        public void failed(int index, DeliveryException reason) {
                            throw new AssertionError("refused", reason);
                        }

                        @Override
                        public byte[] orderKey(int index) {
                            return "key".getBytes(UTF_8);
                        }
                    });
        }
    }

    private static long end() throws Exception {
        return admin.listOffsets(Map.of(TARGET, OffsetSpec.latest()))
                .partitionResult(TARGET)
                .get(120, TimeUnit.SECONDS)
                .offset();
    }

    private static Tls tls() {
        return new Tls(kafka.broker().certificate(), null, null, null, null);
    }

    private static Sasl sasl(Sasl.Mechanism mechanism, String password) {
        return new Sasl(mechanism, SecureKafkaNode.USER, password);
    }
}
