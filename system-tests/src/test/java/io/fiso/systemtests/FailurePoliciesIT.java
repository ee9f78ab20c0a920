// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** {@code errorHandling} as a user writes it, and what endpoints, Kafka and {@code fisoctl audit} see of it. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class FailurePoliciesIT {
    private static final int WINDOW = 4_096;
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    private static final Duration EXIT = Duration.ofSeconds(40);
    private static final String QUICK = "backoff: constant, initialInterval: 20ms, maxInterval: 200ms";

    @Test
    void triesAsOftenAsTheFailureAndThePolicySayAndAComponentMayHaveItsOwn(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 3);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(600, 100));
        Duration asked = Duration.ofSeconds(1);
        // Of transient failures there are four: five different events in a row would open the sink's circuit.
        Map<Integer, List<HttpStub.Answer>> plan = Map.ofEntries(
                Map.entry(10, answers(400)),
                Map.entry(20, answers(401)),
                Map.entry(30, answers(403)),
                Map.entry(40, answers(404)),
                Map.entry(50, answers(422)),
                Map.entry(60, answers(302)),
                Map.entry(70, answers(500)),
                Map.entry(80, answers(503)),
                Map.entry(90, answers(502, 502, 200)),
                Map.entry(100, answers(504, 200)),
                Map.entry(110, List.of(HttpStub.Answer.status(429).retryAfter(asked), HttpStub.Answer.OK)));
        Map<Integer, List<HttpStub.Answer>> planOfOther =
                Map.of(200, answers(404), 210, answers(409), 220, answers(500), 230, answers(503));
        try (HttpStub stub = HttpStub.start();
                HttpStub other = HttpStub.start()) {
            stub.script(request -> planned(plan, request));
            other.script(request -> planned(planOfOther, request));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("attempts", kafka, topic, "earliest", stub)
                    .sink("other", "http-sink", "{url: \"" + other.url() + "\"}", "normalize")
                    .of("other", "errorHandling: {maxRetries: 1, retryableStatusCodes: [404]}")
                    .errorHandling("{maxAttempts: 4, " + QUICK + ", deadLetterTopic: " + dlq + "}"));
            kafka.awaitCommitted("fiso-flow-attempts", topic, 3, DELIVERY);

            assertThat(triedAgain(stub)).isEqualTo(Map.of(70, 4, 80, 4, 90, 3, 100, 2, 110, 2));
            // A status that is usually retried and is not in the list is final; what nobody can classify is tried
            // again.
            assertThat(triedAgain(other)).isEqualTo(Map.of(200, 2, 210, 2, 220, 2));
            List<HttpStub.Request> waited =
                    stub.requests().stream().filter(r -> n(r) == 110).toList();
            assertThat(waited.getLast().atNanos() - waited.getFirst().atNanos())
                    .as("Retry-After, not the policy's 20 ms")
                    .isGreaterThanOrEqualTo(asked.toNanos());
            Map<Integer, ConsumerRecord<byte[], byte[]>> letters = letters(kafka, dlq, 12);
            assertThat(letters).hasSize(12).allSatisfy((n, letter) -> {
                boolean first = plan.containsKey(n);
                int status = (first ? plan : planOfOther).get(n).getFirst().status();
                int retries = (first ? triedAgain(stub) : triedAgain(other)).getOrDefault(n, 1) - 1;
                assertThat(header(letter, "fiso-error-code")).isEqualTo(Integer.toString(status));
                assertThat(header(letter, "fiso-retry-count")).isEqualTo(Integer.toString(retries));
                assertThat(header(letter, "fiso-failed-component")).isEqualTo(first ? "callback" : "other");
            });
            oracle.judge(Oracle.arrivals(stub.accepted()), deadOf(plan, letters));
            oracle.judge(Oracle.arrivals(other.accepted()), deadOf(planOfOther, letters));
            sandbox.expectAudit("attempts", AuditReport.Sum.deadLettered(12, oracle.count()));
            run.controlC();
            run.expectExit(0, EXIT);
        }
    }

    @Test
    void holdKeepsTheEventAndItsKeyWithinASpanAndLetsTheOthersGo(Sandbox sandbox) throws Exception {
        int poison = 100;
        int span = 300;
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        List<Oracle.Issued> issued = oracle.issue(1_000, 50);
        kafka.produce(topic, issued);
        String key = issued.get(poison).key();
        Set<Integer> expected = IntStream.range(0, poison + span)
                .filter(n -> n < poison || !issued.get(n).key().equals(key))
                .boxed()
                .collect(Collectors.toSet());
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> HttpStub.Answer.status(n(request) == poison ? 404 : 200));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("holding", kafka, topic, "earliest", stub)
                    .limits("{maxSpan: " + span + "}")
                    .errorHandling("{onFailure: hold, maxRetries: 1, " + QUICK + ", deadLetterTopic: " + dlq + "}"));
            RunReport held = sandbox.awaitReport(
                    "holding",
                    "held, and as far as it goes",
                    DELIVERY,
                    report -> report.reason().contains("is held")
                            && report.accepted() == poison + span
                            && report.inFlight() == poison + span - expected.size());
            assertThat(held.state()).isEqualTo("DEGRADED");
            assertThat(held.reason()).contains("callback").contains("404").contains(key);
            int tried = attempts(stub).get(poison);
            Eventually.until(
                    DELIVERY,
                    () -> attempts(stub).get(poison) > tried + 2,
                    () -> "a further try every 200 ms; there are "
                            + attempts(stub).get(poison));
            assertThat(numbers(stub.accepted())).as("what flows past it").isEqualTo(expected);
            assertThat(kafka.committed("fiso-flow-holding", topic))
                    .as("position: the event that is held")
                    .isEqualTo(Map.of(0, (long) poison));
            sandbox.audit("holding").expect(new AuditReport.Sum(poison + span, expected.size(), 0, 0));

            stub.script(_ -> HttpStub.Answer.OK);

            kafka.awaitCommitted("fiso-flow-holding", topic, 1, DELIVERY);
            oracle.judge(Oracle.arrivals(stub.accepted()), Set.of());
            assertThat(kafka.ends(dlq, 1)).as("dead letters").isEqualTo(Map.of(0, 0L));
            sandbox.expectAudit("holding", AuditReport.Sum.delivered(oracle.count()));
            sandbox.awaitState("holding", "RUNNING");
            run.controlC();
            run.expectExit(0, EXIT);
        }
    }

    @Test
    void onlyWhatTheCommitPolicyAllowsMovesAPositionOverKillsToo(Sandbox sandbox) throws Exception {
        int forgiven = 50;
        int insisted = 200;
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        String dlq = kafka.topic("dlq", 1);
        String group = "fiso-flow-committing";
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(600, 100));
        try (HttpStub strict = HttpStub.start();
                HttpStub lenient = HttpStub.start()) {
            strict.script(request -> HttpStub.Answer.status(n(request) == insisted ? 404 : 200));
            lenient.script(request -> HttpStub.Answer.status(n(request) == forgiven ? 404 : 200));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("committing", kafka, topic, "earliest", strict)
                    .sink("lenient", "http-sink", "{url: \"" + lenient.url() + "\"}", "normalize")
                    .of("lenient", "errorHandling: {commitPolicy: sink_or_dlq}")
                    .errorHandling("{commitPolicy: sink, " + QUICK + ", deadLetterTopic: " + dlq + "}"));
            Eventually.until(
                    DELIVERY,
                    () -> kafka.committed(group, topic).equals(Map.of(0, (long) insisted))
                            && attempts(strict).getOrDefault(insisted, 0) > 2,
                    () -> "held at " + insisted + run + sandbox.logs());
            assertThat(letters(kafka, dlq, 1).keySet())
                    .as("what lies before it and is a dead letter is committed")
                    .containsExactly(forgiven);

            ComponentProcess source = sandbox.component("orders");
            source.kill();
            sandbox.successor(source, Sandbox.PATIENCE);
            int tried = attempts(strict).get(insisted);
            Eventually.until(
                    DELIVERY,
                    () -> attempts(strict).get(insisted) > tried + 2,
                    () -> "held by the successor too" + run + sandbox.logs());
            assertThat(kafka.committed(group, topic)).isEqualTo(Map.of(0, (long) insisted));
            assertThat(kafka.ends(dlq, 1)).as("dead letters").isEqualTo(Map.of(0, 1L));

            strict.script(_ -> HttpStub.Answer.OK);

            kafka.awaitCommitted(group, topic, 1, DELIVERY);
            int unsettled = oracle.count() - insisted;
            oracle.judge(Oracle.arrivals(strict.accepted()), Set.of(), 1, unsettled);
            oracle.judge(Oracle.arrivals(lenient.accepted()), Set.of(forgiven), 1, unsettled);
            assertThat(kafka.ends(dlq, 1)).as("dead letters, at the end").isEqualTo(Map.of(0, 1L));
            sandbox.expectAudit("committing", AuditReport.Sum.deadLettered(1, oracle.count()));
            run.controlC();
            run.expectExit(0, EXIT);
        }
    }

    @Test
    void skipDropsAndCountsAndTheSourceMayThinkOtherwise(Sandbox sandbox) throws Exception {
        Set<Integer> refused = Set.of(30, 31, 400);
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(300, 50));
        // No transform can make a total of this, and of the next nobody can make an event.
        kafka.send(records(topic, "{\"n\": -1, \"price\": \"free\", \"quantity\": 1}", "not JSON", "{\"not\": JSON}"));
        kafka.produce(topic, oracle.issue(300, 50));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> HttpStub.Answer.status(refused.contains(n(request)) ? 404 : 200));
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("skipping", kafka, topic, "earliest", stub)
                    .of("orders", "errorHandling: {onFailure: dead-letter}")
                    .errorHandling("{onFailure: skip, " + QUICK + ", deadLetterTopic: " + dlq + "}"));
            kafka.awaitCommitted("fiso-flow-skipping", topic, 1, DELIVERY);

            oracle.judge(Oracle.arrivals(stub.accepted()), refused);
            assertThat(kafka.read(dlq, 2, DELIVERY).stream()
                            .map(letter -> new String(letter.value(), StandardCharsets.UTF_8)))
                    .as("dead letters: the source's")
                    .containsExactly("not JSON", "{\"not\": JSON}");
            int dropped = refused.size() + 1;
            int accepted = oracle.count() + 3;
            sandbox.expectAudit("skipping", new AuditReport.Sum(accepted, accepted - dropped - 2, 2, dropped));
            assertThat(kafka.ends(dlq, 1)).as("dead letters, at the end").isEqualTo(Map.of(0, 2L));
            run.controlC();
            run.expectExit(0, EXIT);
        }
    }

    @Test
    void failEndsTheRunBeforeTheEventAndTheNextRunBeginsWithIt(Sandbox sandbox) throws Exception {
        int poison = 300;
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        String dlq = kafka.topic("dlq", 1);
        String group = "fiso-flow-failing";
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(1_000, 100));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(request -> n(request) == poison
                    ? HttpStub.Answer.status(500)
                    : HttpStub.Answer.OK.after(Duration.ofMillis(2)));
            PipelineFile pipeline = KafkaDeliveryIT.orders("failing", kafka, topic, "earliest", stub)
                    .of("callback", "errorHandling: {onFailure: fail, maxAttempts: 3}")
                    .errorHandling("{" + QUICK + ", deadLetterTopic: " + dlq + "}");
            FisoctlProcess run = sandbox.run(pipeline, "-o", "json");

            run.expectExit(1, DELIVERY);

            RunReport report = new RunReport(run.envelope().get("result"), run::toString);
            report.expectState("FAILED");
            assertThat(report.firstError().path("component").asString()).isEqualTo("callback");
            assertThat(report.firstError().path("message").asString()).contains("500");
            assertThat(attempts(stub).get(poison)).isEqualTo(3);
            sandbox.expectNoChild();
            long committed = kafka.committed(group, topic).getOrDefault(0, 0L);
            assertThat(committed).as("position: not past the event").isLessThanOrEqualTo(poison);
            int before = stub.accepted().size();
            AuditReport.Sum failed = sandbox.audit("failing").total();
            assertThat(failed.deadLettered() + failed.dropped())
                    .as("%s", failed)
                    .isZero();
            assertThat(failed.delivered()).as("%s, delivered", failed).isLessThanOrEqualTo(before);
            assertThat(failed.accepted()).as("%s, accepted", failed).isGreaterThan(failed.delivered());

            stub.script(_ -> HttpStub.Answer.OK);
            FisoctlProcess next = sandbox.run(pipeline);

            kafka.awaitCommitted(group, topic, 1, DELIVERY);
            List<Oracle.Arrival> arrivals = Oracle.arrivals(stub.accepted());
            oracle.judge(arrivals, Set.of(), 1, WINDOW);
            assertThat(arrivals.subList(before, arrivals.size()).stream().map(Oracle.Arrival::n))
                    .as("what the next run delivers: everything from the committed position")
                    .containsExactlyInAnyOrderElementsOf(IntStream.range((int) committed, oracle.count())
                            .boxed()
                            .toList());
            sandbox.expectAudit("failing", AuditReport.Sum.delivered(oracle.count() - committed));
            assertThat(kafka.ends(dlq, 1)).as("dead letters").isEqualTo(Map.of(0, 0L));
            next.controlC();
            next.expectExit(0, EXIT);
        }
    }

    private static List<HttpStub.Answer> answers(int... statuses) {
        return Arrays.stream(statuses).mapToObj(HttpStub.Answer::status).toList();
    }

    /** The answer to this attempt; the last one goes on for good, and what is not planned is welcome. */
    private static HttpStub.Answer planned(Map<Integer, List<HttpStub.Answer>> plan, HttpStub.Request request) {
        List<HttpStub.Answer> answers = plan.getOrDefault(n(request), List.of(HttpStub.Answer.OK));
        return answers.get(Math.min(request.attempt(), answers.size()) - 1);
    }

    private static Map<Integer, Integer> attempts(HttpStub stub) {
        Map<Integer, Integer> attempts = new HashMap<>();
        stub.requests().forEach(request -> attempts.merge(n(request), 1, Integer::sum));
        return attempts;
    }

    private static Map<Integer, Integer> triedAgain(HttpStub stub) {
        Map<Integer, Integer> attempts = attempts(stub);
        attempts.values().removeIf(count -> count == 1);
        return attempts;
    }

    private static Set<Integer> deadOf(
            Map<Integer, List<HttpStub.Answer>> plan, Map<Integer, ConsumerRecord<byte[], byte[]>> letters) {
        Set<Integer> dead = new HashSet<>(plan.keySet());
        dead.retainAll(letters.keySet());
        return dead;
    }

    private static Set<Integer> numbers(List<HttpStub.Request> requests) {
        Set<Integer> numbers = new HashSet<>();
        requests.forEach(request -> numbers.add(n(request)));
        return numbers;
    }

    private static List<ProducerRecord<byte[], byte[]>> records(String topic, String... values) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (String value : values) {
            records.add(new ProducerRecord<>(topic, KafkaBroker.bytes("bad"), KafkaBroker.bytes(value)));
        }
        return records;
    }

    private static Map<Integer, ConsumerRecord<byte[], byte[]>> letters(KafkaBroker kafka, String dlq, int count)
            throws Exception {
        return kafka.read(dlq, count, DELIVERY).stream()
                .collect(Collectors.toMap(
                        letter -> JsonMapper.shared()
                                .readTree(new String(letter.value(), StandardCharsets.UTF_8))
                                .path("n")
                                .asInt(-1),
                        letter -> letter));
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return KafkaBroker.header(letter, name)
                .orElseThrow(() -> new AssertionError("no header " + name + " in " + letter.headers()));
    }

    private static int n(HttpStub.Request request) {
        return request.data().path("n").asInt(-1);
    }
}
