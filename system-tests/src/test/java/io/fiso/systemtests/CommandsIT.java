// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The other commands, as somebody types them. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class CommandsIT {
    private static final String FLOW = """
            name: order-events
            source:
              type: kafka
              config: {brokers: "localhost:9092", topic: orders}
            transform:
              fields:
                id: data.legacy_id
                total: data.price * data.quantity
            sink:
              type: http
              config: {url: "http://localhost:3000/orders"}
            """;

    @Test
    void transformTestPrintsTheOutputAndNothingElse(Sandbox sandbox) throws Exception {
        Path flow = sandbox.write("flow.yaml", FLOW);

        FisoctlProcess inline = sandbox.succeed(
                "transform",
                "test",
                "--flow",
                flow,
                "--input",
                "{\"legacy_id\": \"A-1\", \"price\": 10, \"quantity\": 3}");
        assertThat(json(inline.out())).isEqualTo(json("{\"id\": \"A-1\", \"total\": 30}"));

        Path lines = sandbox.write(
                "orders.jsonl",
                "{\"legacy_id\": \"A\", \"price\": 2, \"quantity\": 2}\n{\"legacy_id\": \"B\", \"price\": 1.5, \"quantity\": 1.5}\n");
        FisoctlProcess file = sandbox.succeed("transform", "test", "--flow", flow, "--input", lines, "--all");
        assertThat(file.outLines().stream().filter(line -> !line.isBlank()).map(CommandsIT::json))
                .containsExactly(json("{\"id\": \"A\", \"total\": 4}"), json("{\"id\": \"B\", \"total\": 2.25}"));
    }

    @Test
    void aFailingTransformExitsWithTheReason(Sandbox sandbox) throws Exception {
        Path flow = sandbox.write("flow.yaml", FLOW);

        FisoctlProcess test =
                sandbox.end(1, "transform", "test", "--flow", flow, "--input", "{\"legacy_id\": \"A-1\"}");

        assertThat(test.out()).isBlank();
        assertThat(test.err()).contains("total").contains("price").doesNotContain("\tat ");
    }

    @Test
    void whatIsProducedCanBeConsumed(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("produced", 1);

        sandbox.succeed(
                "produce",
                "--brokers",
                kafka.bootstrapServers(),
                "--topic",
                topic,
                "--key",
                "c-1",
                "--header",
                "tenant=blue",
                "--json",
                "{\"legacy_id\": \"A-1\"}");
        Path file = sandbox.write("two.jsonl", "{\"n\": 1}\n{\"n\": 2}\n");
        sandbox.succeed("produce", "--brokers", kafka.bootstrapServers(), "--topic", topic, "--file", file);

        List<ConsumerRecord<byte[], byte[]>> records = kafka.read(topic, 3, Sandbox.PATIENCE);
        assertThat(new String(records.getFirst().key(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("c-1");
        assertThat(KafkaBroker.header(records.getFirst(), "tenant")).contains("blue");
        FisoctlProcess consume = sandbox.succeed(
                "consume",
                "--brokers",
                kafka.bootstrapServers(),
                "--topic",
                topic,
                "--from-beginning",
                "--max-messages",
                "3");
        assertThat(consume.out())
                .contains("\"A-1\"")
                .contains("\"n\": 1")
                .contains("\"n\": 2")
                .contains("c-1");
    }

    @Test
    void aRunCanBeLookedAt(Sandbox sandbox) throws Exception {
        PipelineFile pipeline = PipelineFile.named("seen")
                .source("made", "generator-source", "{rate: 200}")
                .sink("shown", "console-sink", "{}", "made");
        FisoctlProcess run = sandbox.run(pipeline);
        sandbox.awaitState("seen", "RUNNING");
        run.awaitText("\"specversion\"", Sandbox.PATIENCE);

        JsonNode status = sandbox.succeed("status", "-o", "json").envelope();
        assertThat(status.toString()).contains("\"seen\"").contains("\"made\"").contains("HEALTHY");
        assertThat(sandbox.succeed("status").out()).contains("seen").contains("RUNNING");
        assertThat(sandbox.succeed("pipelines", "list").out()).contains("seen");
        assertThat(sandbox.succeed("logs", "--service", "shown", "--tail", "5").out())
                .isNotBlank();
        run.controlC();
        run.expectExit(0, Duration.ofSeconds(40));
        assertThat(sandbox.succeed("logs", "seen").out())
                .contains("made")
                .contains("shown")
                .contains("drained");
    }

    @Test
    void componentsAreListedFoundAndShown(Sandbox sandbox) throws Exception {
        JsonNode list =
                sandbox.succeed("components", "list", "-o", "json").envelope().get("result");
        assertThat(list.toString())
                .contains("kafka-source", "cel-processor", "http-sink", "generator-source", "console-sink");

        assertThat(sandbox.succeed("components", "find", "kafka").out())
                .contains("kafka-source")
                .contains("kafka-sink");
        assertThat(sandbox.succeed("components", "show", "http-sink").out())
                .contains("url")
                .contains("timeout");
        assertThat(sandbox.end(2, "components", "show", "htp-sink").err())
                .contains("http-sink")
                .doesNotContain("\tat ");
    }

    @Test
    void planShowsTheGraphAndHidesSecrets(Sandbox sandbox) throws Exception {
        Path file = sandbox.write(
                "secret.yaml",
                PipelineFile.named("secret")
                        .source("made", "generator-source", "{count: 1}")
                        .sink(
                                "callback",
                                "http-sink",
                                "{url: \"http://localhost:3000/x\", headers: {Authorization: \"Bearer ${TOKEN}\"}}",
                                "made")
                        .yaml());
        sandbox.with("TOKEN", "tiger-lily");

        FisoctlProcess plan = sandbox.succeed("plan", file);

        assertThat(plan.out()).contains("made").contains("callback").contains("http://localhost:3000/x");
        assertThat(plan.out() + plan.err()).doesNotContain("tiger-lily");
    }

    @Test
    void everyAnswerHasTheSameEnvelope(Sandbox sandbox) throws Exception {
        for (Object[] words : List.of(
                new Object[] {"version", "-o", "json"},
                new Object[] {"doctor", "-o", "json"},
                new Object[] {"status", "-o", "json"},
                new Object[] {"pipelines", "list", "-o", "json"},
                new Object[] {"pipelines", "active", "-o", "json"},
                new Object[] {"pipelines", "runs", "-o", "json"},
                new Object[] {"components", "list", "-o", "json"})) {
            FisoctlProcess process = sandbox.succeed(words);
            assertThat(process.envelope().get("ok").asBoolean())
                    .as(process::toString)
                    .isTrue();
            assertThat(process.envelope().get("error").isNull())
                    .as(process::toString)
                    .isTrue();
        }
        FisoctlProcess refused = sandbox.end(2, "pipelines", "run-info", "nobody", "-o", "json");
        assertThat(refused.envelope().get("ok").asBoolean()).isFalse();
        assertThat(refused.envelope().get("error").get("code").asString()).contains(".");
        assertThat(refused.envelope().get("error").get("message").asString()).contains("nobody");
    }

    @Test
    void anUnreachableBrokerIsTheEnvironmentsFault(Sandbox sandbox) throws Exception {
        FisoctlProcess produce = sandbox.end(
                3, "produce", "--brokers", "127.0.0.1:1", "--topic", "orders", "--json", "{}", "--timeout", "2s");

        assertThat(produce.err()).contains("127.0.0.1:1").doesNotContain("\tat ");
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
