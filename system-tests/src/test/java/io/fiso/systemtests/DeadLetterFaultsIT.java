// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** Events that cannot be delivered, and a place for them that cannot take them (D7). */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class DeadLetterFaultsIT {
    private static final int PARTITIONS = 3;
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String QUICK_RETRIES = "maxRetries: 2, backoff: constant, initialInterval: 20ms";

    @Test
    void f14_poisonGoesToTheDlqWithItsStoryAndTheEventsBehindItFlow(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        String dlq = "dlq-" + topic;
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.send(oracle.issue(2_000, 100).stream()
                .map(event -> traced(topic, event))
                .toList());
        Set<Integer> poison = poison(oracle.count());
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> HttpStub.Answer.status(poison.contains(n(request)) ? 503 : 200));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("poison", kafka, topic, "earliest", stub)
                    .errorHandling("{" + QUICK_RETRIES + ", deadLetterTopic: " + dlq + "}"));
            Eventually.until(
                    DELIVERY,
                    () -> stub.accepted().size() >= oracle.count() - poison.size(),
                    () -> stub.accepted().size() + " events that are no poison" + run + sandbox.logs());
            kafka.awaitCommitted("fiso-flow-poison", topic, PARTITIONS, Sandbox.PATIENCE);

            Map<Integer, ConsumerRecord<byte[], byte[]>> letters = kafka.read(dlq, poison.size(), DELIVERY).stream()
                    .collect(Collectors.toMap(letter -> n(letter), letter -> letter));
            assertThat(letters.keySet()).as("dead letters").isEqualTo(poison);
            oracle.judge(Oracle.arrivals(stub.accepted()), poison);
            letters.forEach((n, letter) -> {
                assertThat(header(letter, "fiso-error-code")).isEqualTo("503");
                assertThat(header(letter, "fiso-error-message")).contains("503");
                assertThat(header(letter, "fiso-retry-count")).isEqualTo("2");
                assertThat(header(letter, "fiso-failed-component")).isEqualTo("callback");
                assertThat(header(letter, "traceparent")).isEqualTo(TRACE);
            });
            poison.forEach(n -> assertThat(stub.requests().stream().filter(request -> n(request) == n))
                    .as("attempts of %s", n)
                    .hasSize(3));
            RunReport report = sandbox.awaitState("poison", "RUNNING");
            assertThat(report.delivered()).isEqualTo(oracle.count() - poison.size());
            assertThat(report.deadLettered()).isEqualTo(poison.size());
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    @Test
    void f15_aDlqThatIsDownHoldsAndTheStatusNamesItUntilItIsBack(Sandbox sandbox) throws Exception {
        Oracle oracle = new Oracle(System.nanoTime());
        String dlq = "dlq-held";
        try (HttpStub stub = HttpStub.start();
                KafkaBroker kafka = KafkaBroker.own(sandbox)) {
            String topic = kafka.topic("orders", PARTITIONS);
            kafka.produce(topic, oracle.issue(300, 50));
            Set<Integer> poison = Set.of(20, 150, 280);
            CountDownLatch down = new CountDownLatch(1);
            stub.script(request -> {
                // The poison is tasted when the broker is down; everything else has been read by then.
                if (poison.contains(n(request))) {
                    down.await(60, TimeUnit.SECONDS);
                    return HttpStub.Answer.status(404);
                }
                return HttpStub.Answer.OK;
            });
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("held", kafka, topic, "earliest", stub)
                    .errorHandling("{deadLetterTopic: " + dlq + "}"));
            sandbox.awaitReport("held", "read", DELIVERY, report -> report.accepted() == oracle.count());
            kafka.kill();
            down.countDown();
            RunReport degraded = sandbox.awaitReport(
                    "held",
                    "DEGRADED for its DLQ",
                    DELIVERY,
                    report ->
                            report.state().equals("DEGRADED") && report.reason().contains(dlq));
            assertThat(degraded.reason()).contains("\"orders\"").contains("dead letter");
            Eventually.until(
                    DELIVERY,
                    () -> stub.accepted().size() == oracle.count() - poison.size(),
                    () -> "all that is no poison, behind it too; there are "
                            + stub.accepted().size() + run);
            assertThat(degraded.inFlight()).as("unsettled").isPositive();
            assertThat(degraded.deadLettered()).as("dead letters").isZero();

            try (KafkaBroker back = kafka.again(sandbox)) {
                back.awaitCommitted("fiso-flow-held", topic, PARTITIONS, DELIVERY);
                assertThat(back.read(dlq, poison.size(), DELIVERY).stream().map(letter -> n(letter)))
                        .containsExactlyInAnyOrderElementsOf(poison);
                oracle.judge(Oracle.arrivals(stub.accepted()), poison);
                RunReport healed = sandbox.awaitState("held", "RUNNING");
                assertThat(healed.deadLettered()).isEqualTo(poison.size());
                assertThat(healed.restarts("orders")).isZero();
                run.controlC();
                run.expectExit(0, Duration.ofSeconds(40));
            }
        }
    }

    @Test
    void f15_aDlqThatRefusesHoldsTheLane(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        // A compacted topic takes no records without a key; these have none.
        String dlq = kafka.topic("dlq", 1, Map.of("cleanup.policy", "compact"));
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.send(oracle.issue(200, 1).stream()
                .map(event -> new ProducerRecord<byte[], byte[]>(topic, KafkaBroker.bytes(event.json())))
                .toList());
        Set<Integer> poison = Set.of(50, 120);
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> HttpStub.Answer.status(poison.contains(n(request)) ? 404 : 200));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("refused", kafka, topic, "earliest", stub)
                    .errorHandling("{deadLetterTopic: " + dlq + "}"));
            RunReport degraded = sandbox.awaitReport(
                    "refused",
                    "DEGRADED for its DLQ",
                    DELIVERY,
                    report ->
                            report.state().equals("DEGRADED") && report.reason().contains(dlq));
            assertThat(degraded.inFlight()).as("unsettled").isPositive();
            assertThat(kafka.committed("fiso-flow-refused", topic))
                    .as("held before the first of the poison")
                    .allSatisfy((_, offset) -> assertThat(offset).isLessThanOrEqualTo(50));

            kafka.alter(dlq, "cleanup.policy", "delete");

            kafka.awaitCommitted("fiso-flow-refused", topic, 1, DELIVERY);
            assertThat(kafka.read(dlq, poison.size(), DELIVERY).stream().map(letter -> n(letter)))
                    .containsExactlyElementsOf(new TreeSet<>(poison));
            oracle.judge(Oracle.arrivals(stub.accepted()), poison);
            sandbox.awaitState("refused", "RUNNING");
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    @Test
    void f16_whenEverythingIsPoisonTheRunPausesInsteadOfDrainingItsSourceIntoTheDlq(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(3_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.status(404));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("poisoned", kafka, topic, "earliest", stub)
                    .limits("{windowEvents: 100}")
                    .errorHandling("{deadLetterTopic: " + dlq + "}"));
            RunReport paused = sandbox.awaitState("poisoned", "PAUSED");
            assertThat(paused.reason()).contains("orders").containsAnyOf("failed", "%");
            // What was on its way when it paused still fails; after that, nothing more is taken in.
            RunReport settled = sandbox.awaitReport("poisoned", "settled", DELIVERY, report -> report.inFlight() == 0);
            long letters = kafka.ends(dlq, 1).get(0);
            assertThat(letters).as("dead letters").isBetween(50L, 500L);
            assertThat(settled.state()).isEqualTo("PAUSED");
            assertThat(settled.accepted()).as("taken in").isEqualTo(letters);

            stub.script(_ -> HttpStub.Answer.OK);
            sandbox.succeed("pipelines", "resume", "poisoned");

            kafka.awaitCommitted("fiso-flow-poisoned", topic, PARTITIONS, DELIVERY);
            Set<Integer> dead = kafka.read(dlq, (int) letters, DELIVERY).stream()
                    .map(letter -> n(letter))
                    .collect(Collectors.toSet());
            assertThat(dead).as("dead letters, each once").hasSize((int) letters);
            oracle.judge(Oracle.arrivals(stub.accepted()), dead);
            sandbox.awaitReport(
                    "poisoned",
                    "counted",
                    DELIVERY,
                    report -> report.state().equals("RUNNING")
                            && report.delivered() == oracle.count() - letters
                            && report.deadLettered() == letters);
            sandbox.succeed("audit", "poisoned");
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    @Test
    void f13_aSinkThatIsDownForAWhileOpensItsCircuitAndFloodsNoDlq(Sandbox sandbox) throws Exception {
        int parallelism = 8;
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(3_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> HttpStub.Answer.status(stub.count() < 500 ? 200 : 503));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("outage-of-sink", kafka, topic, "earliest", stub)
                    .of("callback", "parallelism: " + parallelism)
                    .errorHandling("{maxRetries: 2, backoff: constant, initialInterval: 50ms, maxInterval: 500ms,"
                            + " deadLetterTopic: " + dlq + "}"));
            RunReport degraded = sandbox.awaitReport(
                    "outage-of-sink",
                    "DEGRADED",
                    DELIVERY,
                    report -> report.state().equals("DEGRADED"));
            assertThat(degraded.reason()).contains("callback");
            int attempts = stub.count();
            long began = System.nanoTime();
            Eventually.until(
                    DELIVERY,
                    () -> System.nanoTime() - began > Duration.ofSeconds(4).toNanos(),
                    () -> "an outage of some length");
            assertThat(stub.count() - attempts)
                    .as("attempts in 4 s of outage: one probe per interval")
                    .isLessThan(30);

            stub.script(_ -> HttpStub.Answer.OK);

            kafka.awaitCommitted("fiso-flow-outage-of-sink", topic, PARTITIONS, DELIVERY);
            long letters = kafka.ends(dlq, 1).get(0);
            assertThat(letters).as("dead letters").isLessThanOrEqualTo(parallelism + 5);
            Set<Integer> dead = kafka.read(dlq, (int) letters, DELIVERY).stream()
                    .map(letter -> n(letter))
                    .collect(Collectors.toSet());
            oracle.judge(Oracle.arrivals(stub.accepted()), dead);
            sandbox.awaitState("outage-of-sink", "RUNNING");
            sandbox.succeed("audit", "outage-of-sink");
            System.out.println("f13: " + letters + " dead letters");
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    @Test
    void f22_anEventOverTheSizeLimitIsDeadLetteredWithSizeAndLimitAndTheStreamSurvives(Sandbox sandbox)
            throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1, Map.of("max.message.bytes", "8000000"));
        // Takes the first of the large ones, and refuses the second: that one goes to the spill file.
        String dlq = kafka.topic("dlq", 1, Map.of("max.message.bytes", "2000000"));
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(50, 10));
        int large = oracle.issue(1, 1, 1_200_000).getFirst().n();
        kafka.produce(topic, List.of(new Oracle.Issued(large, "large", 1_200_000)));
        int huge = oracle.issue(1, 1, 5_000_000).getFirst().n();
        kafka.produce(topic, List.of(new Oracle.Issued(huge, "huge", 5_000_000)));
        kafka.produce(topic, oracle.issue(50, 10));
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("sizes", kafka, topic, "earliest", stub)
                    .errorHandling("{deadLetterTopic: " + dlq + "}"));
            Eventually.until(
                    DELIVERY,
                    () -> stub.accepted().size() >= oracle.count() - 2,
                    () -> "the small ones; there are " + stub.accepted().size() + run + sandbox.logs());
            kafka.awaitCommitted("fiso-flow-sizes", topic, 1, DELIVERY);

            oracle.judge(Oracle.arrivals(stub.accepted()), Set.of(large, huge));
            List<ConsumerRecord<byte[], byte[]>> letters = kafka.read(dlq, 2, DELIVERY);
            assertThat(letters).hasSize(2).allSatisfy(letter -> {
                assertThat(header(letter, "fiso-error-code")).isEqualTo("EVENT_TOO_LARGE");
                assertThat(header(letter, "fiso-error-message"))
                        .as("names the limit of 1 MiB")
                        .containsAnyOf("1048576", "1,048,576", "1 MiB", "1MiB");
            });
            assertThat(n(letters.getFirst())).isEqualTo(large);
            assertThat(header(letters.getFirst(), "fiso-error-message")).contains("1200");
            Path spill = Path.of(header(letters.getLast(), "fiso-spill-file"));
            assertThat(spill).exists();
            assertThat(Files.size(spill)).as("the spilled original").isGreaterThan(5_000_000);
            assertThat(sandbox.awaitState("sizes", "RUNNING").restarts("orders"))
                    .isZero();
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    /** Some, and two that follow each other. */
    private static Set<Integer> poison(int count) {
        return Stream.concat(Stream.iterate(40, n -> n < count, n -> n + 97), Stream.of(500, 501))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static ProducerRecord<byte[], byte[]> traced(String topic, Oracle.Issued event) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, KafkaBroker.bytes(event.key()), KafkaBroker.bytes(event.json()));
        record.headers().add("traceparent", KafkaBroker.bytes(TRACE));
        return record;
    }

    private static int n(HttpStub.Request request) {
        return request.data().path("n").asInt(-1);
    }

    private static int n(ConsumerRecord<byte[], byte[]> letter) {
        return JsonMapper.shared()
                .readTree(new String(letter.value(), StandardCharsets.UTF_8))
                .path("n")
                .asInt(-1);
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return KafkaBroker.header(letter, name)
                .orElseThrow(() -> new AssertionError("no header " + name + " in " + letter.headers()));
    }
}
