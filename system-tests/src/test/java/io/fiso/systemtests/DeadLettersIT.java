// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What cannot be delivered is kept, with its bytes and the reason, and holds up nobody (D7). */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class DeadLettersIT {
    private static final String NOT_JSON = "this is not JSON";
    private static final String TRANSFORM_FAILS =
            "{\"legacy_id\": \"T\", \"n\": 2, \"price\": \"free\", \"quantity\": 3}";
    private static final String REFUSED = "{\"legacy_id\": \"R\", \"n\": 3, \"price\": 1.5, \"quantity\": 2}";
    private static final String UNAVAILABLE = "{\"legacy_id\": \"U\", \"n\": 4, \"price\": 1.5, \"quantity\": 2}";
    private static final String GOOD = "{\"legacy_id\": \"G\", \"n\": 5, \"price\": 1.5, \"quantity\": 2}";

    @Test
    void keepsTheRecordWithItsReasonAndLetsThoseBehindFlow(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        String deadLetters = "dlq-" + topic;
        Instant before = Instant.now();
        kafka.send(List.of(
                record(topic, NOT_JSON),
                record(topic, TRANSFORM_FAILS),
                record(topic, REFUSED),
                record(topic, UNAVAILABLE),
                record(topic, GOOD)));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> switch (request.data().path("order_id").asString("")) {
                case "R" -> HttpStub.Answer.status(404);
                case "U" -> HttpStub.Answer.status(503);
                default -> HttpStub.Answer.OK;
            });
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("letters", kafka, topic, "earliest", stub)
                    .errorHandling("{maxRetries: 2, backoff: constant, initialInterval: 50ms, deadLetterTopic: "
                            + deadLetters + "}"));
            Eventually.until(
                    Duration.ofSeconds(60),
                    () -> stub.accepted().size() == 1,
                    () -> "the good one at the endpoint" + run + sandbox.logs());
            kafka.awaitCommitted("fiso-flow-letters", topic, 1, Sandbox.PATIENCE);

            assertThat(stub.accepted().getFirst().data().get("order_id").asString())
                    .isEqualTo("G");
            Map<String, ConsumerRecord<byte[], byte[]>> letters = new LinkedHashMap<>();
            for (ConsumerRecord<byte[], byte[]> letter : kafka.read(deadLetters, 4, Sandbox.PATIENCE)) {
                letters.put(new String(letter.value(), java.nio.charset.StandardCharsets.UTF_8), letter);
            }
            assertThat(letters).containsOnlyKeys(NOT_JSON, TRANSFORM_FAILS, REFUSED, UNAVAILABLE);
            expect(letters, NOT_JSON, topic, 0, "CLOUDEVENT_WRAP_FAILED", 0, before);
            expect(letters, TRANSFORM_FAILS, topic, 1, "TRANSFORM_FAILED", 0, before);
            expect(letters, REFUSED, topic, 2, "404", 0, before);
            expect(letters, UNAVAILABLE, topic, 3, "503", 2, before);
            assertThat(stub.requests().stream().filter(r -> r.status() == 404))
                    .as("attempts of the refused one")
                    .hasSize(1);
            assertThat(stub.requests().stream().filter(r -> r.status() == 503))
                    .as("attempts of the third")
                    .hasSize(3);
        }
    }

    @Test
    void keepsDataThatSatisfiesNoSchemaWithItsPlaceWhereverItIsFound(Sandbox sandbox) throws Exception {
        Path input = sandbox.write("orders.jsonl", """
                {"id": "1", "price": 5}
                {"id": 2, "price": 5}
                {"id": "3", "price": -1}
                {"id": "4", "price": 200}
                {"id": "5", "price": 7}
                """);
        Path output = sandbox.directory().resolve("kept.jsonl");
        sandbox.complete(PipelineFile.named("checked")
                .source("orders", "file-source", "{path: \"" + input + "\"}")
                .of("orders", "validate: {jsonSchema: {properties: {id: {type: string}}}}")
                .processor("double", "cel-processor", "{fields: {total: data.price * 2}}", "orders")
                .of("double", "validate: {jsonSchema: {properties: {price: {minimum: 0}}}}")
                .sink("kept", "file-sink", "{path: \"" + output + "\", format: data}", "double")
                .of("kept", "validate: {jsonSchema: {properties: {total: {maximum: 100}}}}"));

        assertThat(output).content().isEqualTo("{\"total\":10}\n{\"total\":14}\n");
        Map<String, String> letters = new LinkedHashMap<>();
        for (JsonNode letter : sandbox.succeed("dlq", "list", "checked", "-o", "json")
                .envelope()
                .at("/result/letters")) {
            assertThat(letter.get("code").asString()).isEqualTo("TRANSFORM_VALIDATION_FAILED");
            assertThat(letter.get("attempts").asInt()).isEqualTo(1);
            letters.put(
                    letter.get("component").asString(), letter.get("message").asString());
        }
        assertThat(letters).hasSize(3);
        assertThat(letters.get("orders")).contains("at \"/id\" type: must be string, found an integer");
        assertThat(letters.get("double")).contains("at \"/price\" minimum: must have a minimum value of 0");
        assertThat(letters.get("kept")).contains("at \"/total\" maximum: must have a maximum value of 100");
        sandbox.expectAudit("checked", AuditReport.Sum.deadLettered(3, 5));
    }

    @Test
    void startsABrokerForTheFirstLetterAndKeepsLettersOverItsDeath(Sandbox sandbox) throws Exception {
        Path input = sandbox.write("orders.jsonl", "");
        try (HttpStub stub = HttpStub.start()) {
            stub.script(
                    request -> request.data().path("n").asInt() > 0 ? HttpStub.Answer.status(404) : HttpStub.Answer.OK);
            FisoctlProcess run = sandbox.run(PipelineFile.named("kept")
                    .source("orders", "file-source", "{path: \"" + input + "\", follow: true}")
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "orders"));
            append(input, 0);
            Eventually.until(
                    Sandbox.PATIENCE, () -> stub.accepted().size() == 1, () -> "the good one" + run + sandbox.logs());
            assertThat(sandbox.stateHome().resolve("broker"))
                    .as("a broker that nobody has asked for")
                    .doesNotExist();

            append(input, 1);
            awaitLetters(sandbox, "kept", 1, run);
            BackgroundBroker first = sandbox.broker(0);
            first.kill();
            append(input, 2);
            append(input, 3);
            awaitLetters(sandbox, "kept", 3, run);

            sandbox.succeed("pipelines", "stop", "kept");
            run.awaitExit(Sandbox.PATIENCE);
            sandbox.broker(first.pid()).kill();

            JsonNode letters = list(sandbox.succeed("dlq", "list", "kept", "-o", "json"));
            assertThat(letters).hasSize(3).allSatisfy(letter -> {
                assertThat(letter.get("store").asString()).isEqualTo("stream default/kept/streams/fiso-dlq-kept");
                assertThat(letter.get("code").asString()).isEqualTo("404");
            });
            assertThat(sandbox.stateHome().resolve("pipelines/kept/dead-letters"))
                    .isDirectoryNotContaining("glob:**.jsonl");
        }
    }

    private static void append(Path input, int n) throws IOException {
        Files.writeString(input, "{\"n\": " + n + "}\n", StandardOpenOption.APPEND);
    }

    private static void awaitLetters(Sandbox sandbox, String pipeline, int count, FisoctlProcess run) throws Exception {
        int[] found = new int[1];
        Eventually.until(
                Sandbox.PATIENCE,
                () -> {
                    found[0] = list(sandbox.succeed("dlq", "list", pipeline, "-o", "json"))
                            .size();
                    return found[0] == count;
                },
                () -> count + " letters; there are " + found[0] + run + sandbox.logs());
    }

    private static JsonNode list(FisoctlProcess list) {
        return list.envelope().at("/result/letters");
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String value) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, KafkaBroker.bytes("customer-1"), KafkaBroker.bytes(value));
        record.headers().add("tenant", KafkaBroker.bytes("blue"));
        record.headers().add("X-Correlation-Id", KafkaBroker.bytes("order-" + value.length()));
        return record;
    }

    private static void expect(
            Map<String, ConsumerRecord<byte[], byte[]>> letters,
            String value,
            String topic,
            long offset,
            String code,
            int retries,
            Instant before) {
        ConsumerRecord<byte[], byte[]> letter = Objects.requireNonNull(letters.get(value));
        assertThat(new String(letter.key(), java.nio.charset.StandardCharsets.UTF_8))
                .as("key of %s", value)
                .isEqualTo("customer-1");
        assertThat(header(letter, "fiso-original-topic")).isEqualTo(topic);
        assertThat(header(letter, "fiso-original-partition")).isEqualTo("0");
        assertThat(header(letter, "fiso-original-offset")).isEqualTo(Long.toString(offset));
        assertThat(Instant.ofEpochMilli(Long.parseLong(header(letter, "fiso-original-timestamp"))))
                .isBetween(before.minusSeconds(1), Instant.now());
        assertThat(header(letter, "fiso-error-code")).as("code of %s", value).isEqualTo(code);
        assertThat(header(letter, "fiso-error-message")).isNotBlank();
        assertThat(header(letter, "fiso-retry-count"))
                .as("retries of %s", value)
                .isEqualTo(Integer.toString(retries));
        assertThat(Instant.parse(header(letter, "fiso-failed-at"))).isBetween(before.minusSeconds(1), Instant.now());
        assertThat(header(letter, "fiso-flow-name")).isEqualTo("letters");
        assertThat(header(letter, "tenant")).isEqualTo("blue");
        assertThat(header(letter, "X-Correlation-Id")).isEqualTo("order-" + value.length());
        assertThat(header(letter, "fiso-correlation-id")).isEqualTo("order-" + value.length());
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return KafkaBroker.header(letter, name)
                .orElseThrow(() -> new AssertionError("no header " + name + " in " + letter.headers()));
    }
}
