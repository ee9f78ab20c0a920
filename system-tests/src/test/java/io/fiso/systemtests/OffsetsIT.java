// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Bounded reads of Kafka, and fisoctl offsets before, during and after them. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class OffsetsIT {
    @Test
    void readsATopicToItsEndTwiceWithAResetBetween(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("backfill", 3);
        send(kafka, topic, 40);
        PipelineFile pipeline = bounded("backfill", kafka, topic);

        RunReport first = sandbox.complete(pipeline);
        assertThat(first.accepted()).isEqualTo(40);
        assertThat(first.delivered()).isEqualTo(40);

        // By the run that it left behind: brokers, topic and group come from there.
        JsonNode after = get(sandbox, "backfill");
        assertThat(after.path("lag").asLong()).isZero();
        assertThat(committed(after)).isEqualTo(40);
        long delivered = 0;
        for (JsonNode partition : after.path("sources").get(0).path("partitions")) {
            delivered += partition.path("totals").path("delivered").asLong();
        }
        assertThat(delivered).as("the totals beside the positions").isEqualTo(40);

        send(kafka, topic, 5);
        assertThat(get(sandbox, "backfill").path("lag").asLong()).isEqualTo(5);
        JsonNode planned = sandbox.succeed(
                        "offsets", "reset", "backfill", "--to", "earliest", "--dry-run", "-o", "json")
                .envelope()
                .path("result");
        assertThat(planned.path("applied").asBoolean()).isFalse();
        assertThat(planned.path("partitions").get(0).path("after").asLong()).isZero();
        assertThat(sandbox.end(2, "offsets", "reset", "backfill", "--to", "earliest")
                        .err())
                .contains("offsets.not_confirmed")
                .contains("--yes");
        assertThat(committed(get(sandbox, "backfill"))).isEqualTo(40);
        assertThat(sandbox.succeed("offsets", "reset", "backfill", "--to", "earliest", "--yes")
                        .out())
                .contains("BEFORE")
                .contains("→ 0");

        RunReport second = sandbox.complete(pipeline);
        assertThat(second.accepted()).isEqualTo(45);
    }

    @Test
    void resetsByFileToATimeAnOffsetAndForOnePartitionOnly(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("reset", 2);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            records.add(new ProducerRecord<>(
                    topic, i % 2, 1_700_000_000_000L + i * 1_000L, null, KafkaBroker.bytes("{\"n\":" + i + "}")));
        }
        kafka.send(records);
        Path file = bounded("never-run", kafka, topic).write(sandbox.directory());

        assertThat(get(sandbox, file)
                        .path("sources")
                        .get(0)
                        .path("partitions")
                        .get(0)
                        .path("committed")
                        .isNull())
                .isTrue();
        sandbox.succeed("offsets", "reset", file, "--to", "2023-11-14T22:13:25Z", "--yes");
        assertThat(committed(get(sandbox, file))).as("the third of each").isEqualTo(5);
        sandbox.succeed("offsets", "reset", file, "--to", "1", "--topic", topic, "--partition", "1", "--yes");
        assertThat(get(sandbox, file)
                        .path("sources")
                        .get(0)
                        .path("partitions")
                        .get(1)
                        .path("committed")
                        .asLong())
                .isEqualTo(1);
        assertThat(sandbox.end(2, "offsets", "reset", file, "--to", "99", "--yes")
                        .err())
                .contains("offsets.out_of_range")
                .contains(topic + "-0 has 0 to 5");
        assertThat(sandbox.end(2, "offsets", "reset", file, "--to", "yesterday", "--yes")
                        .err())
                .contains("offsets.bad_position");
        assertThat(sandbox.end(2, "offsets", "reset", file, "--to", "1", "--partition", "7", "--yes")
                        .err())
                .contains("there is no partition 7");
        sandbox.succeed("offsets", "reset", file, "--to", "latest", "--yes");
        assertThat(sandbox.complete(bounded("never-run", kafka, topic)).accepted())
                .isZero();
    }

    @Test
    void refusesToMoveARunningPipeline(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("busy", 1);
        FisoctlProcess run = sandbox.run(PipelineFile.named("busy")
                .source("orders", "kafka-source", KafkaDeliveryIT.source(kafka, topic, "earliest"))
                .sink("out", "null-sink", "{}", "orders"));
        sandbox.awaitState("busy", "RUNNING");

        assertThat(sandbox.end(2, "offsets", "reset", "busy", "--to", "earliest", "--yes")
                        .err())
                .contains("offsets.run_active")
                .contains("fisoctl pipelines stop busy");
        run.controlC();
        run.expectExit(0, Sandbox.PATIENCE);
        // A clean stop leaves the group at once: nothing to wait for.
        sandbox.succeed("offsets", "reset", "busy", "--to", "earliest", "--yes");
    }

    @Test
    void saysThatNoBrokerAnswers(Sandbox sandbox) throws Exception {
        Path file = PipelineFile.named("dark")
                .source("orders", "kafka-source", "{brokers: [\"127.0.0.1:1\"], topic: orders}")
                .sink("out", "null-sink", "{}", "orders")
                .write(sandbox.directory());
        assertThat(sandbox.end(3, "offsets", "get", file, "--timeout", "2s").err())
                .contains("kafka.unreachable")
                .contains("127.0.0.1:1");
        assertThat(sandbox.end(2, "offsets", "get", "nobody").err()).contains("run.not_found");
    }

    @Test
    void waitsForABrokerAndSaysSo(Sandbox sandbox) throws Exception {
        FisoctlProcess run = sandbox.run(PipelineFile.named("waiting")
                .source("orders", "kafka-source", "{brokers: [\"127.0.0.1:1\"], topic: orders}")
                .sink("out", "null-sink", "{}", "orders"));
        Eventually.until(
                Sandbox.PATIENCE,
                () -> {
                    // At first there is no run to speak of.
                    FisoctlProcess status = sandbox.start("status", "waiting", "-o", "json");
                    status.awaitExit(Sandbox.PATIENCE);
                    return status.out().contains("no Kafka broker answers");
                },
                () -> "a status that says what is waited for" + run);
        run.controlC();
        run.expectExit(0, Sandbox.PATIENCE);
    }

    private static PipelineFile bounded(String name, KafkaBroker kafka, String topic) {
        return PipelineFile.named(name)
                .source(
                        "orders",
                        "kafka-source",
                        "{brokers: [\"" + kafka.bootstrapServers() + "\"], topic: " + topic
                                + ", startOffset: earliest, until: end}")
                .sink("out", "null-sink", "{}", "orders");
    }

    private static void send(KafkaBroker kafka, String topic, int count) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(
                    new ProducerRecord<>(topic, KafkaBroker.bytes("key-" + i), KafkaBroker.bytes("{\"n\":" + i + "}")));
        }
        kafka.send(records);
    }

    private static JsonNode get(Sandbox sandbox, Object pipeline) throws Exception {
        return sandbox.succeed("offsets", "get", pipeline, "-o", "json")
                .envelope()
                .path("result");
    }

    private static long committed(JsonNode offsets) {
        long sum = 0;
        for (JsonNode partition : offsets.path("sources").get(0).path("partitions")) {
            sum += partition.path("committed").asLong();
        }
        return sum;
    }
}
