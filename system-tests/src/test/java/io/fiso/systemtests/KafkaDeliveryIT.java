// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** The main job: a real Kafka, a transform, an HTTP endpoint. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class KafkaDeliveryIT {
    private static final int PARTITIONS = 6;
    private static final Duration DELIVERY = Duration.ofSeconds(120);

    @Test
    void deliversEveryRecordInOrderPerKeyAndReplaysNothingAfterACleanStop(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(10_000, 1_000));
        PipelineFile pipeline;
        try (HttpStub stub = HttpStub.start()) {
            pipeline = orders("clean", kafka, topic, "earliest", stub);
            FisoctlProcess run = sandbox.run(pipeline);
            awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-clean", topic, PARTITIONS, Sandbox.PATIENCE);
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));

            oracle.judge(Oracle.arrivals(stub.requests()), Set.of());
            assertThat(kafka.committed("fiso-flow-clean", topic)).isEqualTo(kafka.ends(topic, PARTITIONS));
            assertThat(stub.requests().getFirst().data().get("total").asDouble())
                    .as("the transform's output")
                    .isEqualTo(2.5 * (stub.requests().getFirst().data().get("n").asInt() % 7));
        }
        try (HttpStub stub = HttpStub.start()) {
            // A marker per partition: where it arrives, anything replayed would have come before it.
            List<Integer> markers =
                    IntStream.range(0, PARTITIONS).map(p -> 20_000 + p).boxed().toList();
            FisoctlProcess run = sandbox.run(orders("clean", kafka, topic, "earliest", stub));
            kafka.send(IntStream.range(0, PARTITIONS)
                    .mapToObj(p -> new ProducerRecord<>(
                            topic,
                            p,
                            KafkaBroker.bytes("marker-" + p),
                            KafkaBroker.bytes(new Oracle.Issued(20_000 + p, "").json())))
                    .toList());
            Eventually.until(
                    DELIVERY,
                    () -> numbers(stub).containsAll(markers),
                    () -> "markers at the endpoint: " + numbers(stub) + run + sandbox.logs());
            assertThat(numbers(stub)).as("nothing but the markers").containsExactlyElementsOf(markers);
        }
    }

    @Test
    void losesNothingWhenEverythingIsKilled(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        List<RecordMetadata> positions = kafka.produce(topic, oracle.issue(4_000, 200));
        try (HttpStub stub = HttpStub.start()) {
            HttpStub.Script answers = _ -> HttpStub.Answer.OK.after(Duration.ofMillis(2));
            Withheld withheld = new Withheld(0, 100, positions, stub, answers);
            stub.script(withheld);
            PipelineFile pipeline = patientOrders("outage", kafka, topic, "earliest", stub);
            FisoctlProcess first = sandbox.run(pipeline);
            Eventually.until(DELIVERY, () -> stub.count() > 1_000, () -> "1000 requests" + first + sandbox.logs());
            withheld.awaitFollowers();
            sandbox.killEverything();
            assertThat(stub.count()).as("killed in the middle").isLessThan(oracle.count());
            withheld.release();
            kafka.produce(topic, oracle.issue(500, 200));

            sandbox.run(pipeline);
            awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-outage", topic, PARTITIONS, Sandbox.PATIENCE);

            assertThat(oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, 4_096))
                    .as("what was at the endpoint and not committed came again")
                    .isPositive();
        }
    }

    @Test
    void startsAtLatestAndLosesNothingWhenKilledBeforeTheFirstCommit(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 2);
        List<ProducerRecord<byte[], byte[]>> old = IntStream.range(0, 50)
                .mapToObj(n -> new ProducerRecord<>(
                        topic,
                        KafkaBroker.bytes("old-" + n),
                        KafkaBroker.bytes("{\"n\": -1, \"price\": 1, \"quantity\": 1}")))
                .toList();
        kafka.send(old);
        Oracle oracle = new Oracle(System.nanoTime());
        try (HttpStub stub = HttpStub.start()) {
            CountDownLatch killed = new CountDownLatch(1);
            stub.script(request -> {
                // Nothing is answered before the kill, so nothing can have been committed.
                boolean after = killed.getCount() == 0;
                killed.await(120, TimeUnit.SECONDS);
                return after ? HttpStub.Answer.OK : HttpStub.Answer.status(503);
            });
            PipelineFile pipeline = orders("latest", kafka, topic, "latest", stub);
            FisoctlProcess first = sandbox.run(pipeline);
            // The resolved start is committed before anything is emitted (D1): from here on nothing may be skipped.
            Eventually.until(
                    DELIVERY,
                    () -> kafka.committed("fiso-flow-latest", topic).size() == 2,
                    () -> "the start to be committed" + first + sandbox.logs());
            Map<Integer, Long> start = kafka.committed("fiso-flow-latest", topic);
            assertThat(start).isEqualTo(kafka.ends(topic, 2));
            kafka.produce(topic, oracle.issue(100, 10));
            Eventually.until(DELIVERY, () -> inHand(sandbox), () -> "events on their way" + first + sandbox.logs());
            sandbox.killEverything();
            killed.countDown();
            assertThat(kafka.committed("fiso-flow-latest", topic))
                    .as("killed before a commit")
                    .isEqualTo(start);
            kafka.produce(topic, oracle.issue(50, 10));

            sandbox.run(pipeline);
            Eventually.until(
                    DELIVERY,
                    () -> oracle.complete(Oracle.arrivals(stub.accepted())),
                    () -> oracle.count() + " events; there are "
                            + stub.accepted().size() + sandbox.logs());

            oracle.judge(Oracle.arrivals(stub.accepted()), Set.of(), 1, 100);
        }
    }

    /** A request that hangs has not been recorded; the run says what it has taken in. */
    private static boolean inHand(Sandbox sandbox) throws Exception {
        FisoctlProcess info = sandbox.start("pipelines", "run-info", "latest", "-o", "json");
        return info.awaitExit(Sandbox.PATIENCE) == 0
                && new RunReport(info.envelope().get("result"), info::toString).accepted() > 0;
    }

    @Test
    void aRecordReadTwiceHasTheSameId(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 3);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(200, 50));
        try (HttpStub one = HttpStub.start();
                HttpStub two = HttpStub.start()) {
            FisoctlProcess first = sandbox.run(orders("reader-one", kafka, topic, "earliest", one));
            FisoctlProcess second = sandbox.run(orders("reader-two", kafka, topic, "earliest", two));
            awaitArrivals(one, oracle, sandbox);
            awaitArrivals(two, oracle, sandbox);
            first.signal("TERM");
            second.signal("TERM");

            assertThat(ids(one)).hasSize(200).isEqualTo(ids(two));
        }
    }

    @Test
    void aCloudEventPassesUnchanged(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("events", 1);
        String structured = """
                {"specversion":"1.0","id":"A234-1234-1234","source":"/mycontext/4","type":"com.example.order.placed",\
                "subject":"orders/17","time":"2026-04-05T17:31:00Z","comexampleextension":"value",\
                "datacontenttype":"application/json","data":{"price":12345678901234567,"list":[],"half":0.5,"text":"ä€😀"}}""";
        ProducerRecord<byte[], byte[]> inStructuredMode =
                new ProducerRecord<>(topic, KafkaBroker.bytes("k"), KafkaBroker.bytes(structured));
        inStructuredMode
                .headers()
                .add("content-type", KafkaBroker.bytes("application/cloudevents+json; charset=UTF-8"));
        ProducerRecord<byte[], byte[]> inBinaryMode =
                new ProducerRecord<>(topic, KafkaBroker.bytes("k"), KafkaBroker.bytes("{\"price\":1}"));
        Map.of(
                        "ce_specversion",
                        "1.0",
                        "ce_id",
                        "b-1",
                        "ce_source",
                        "/binary",
                        "ce_type",
                        "com.example.binary",
                        "ce_extra",
                        "kept")
                .forEach((name, value) -> inBinaryMode.headers().add(name, KafkaBroker.bytes(value)));
        inBinaryMode.headers().add("content-type", KafkaBroker.bytes("application/json"));
        kafka.send(List.of(inStructuredMode, inBinaryMode));
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(PipelineFile.named("unchanged")
                    .source("events", "kafka-source", source(kafka, topic, "earliest"))
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "events"));
            Eventually.until(DELIVERY, () -> stub.count() >= 2, () -> "two requests" + run + sandbox.logs());

            HttpStub.Request first = stub.requests().get(0);
            assertThat(first.event()).isEqualTo(JsonMapper.shared().readTree(structured));
            assertThat(first.headers().get("content-type")).startsWith("application/cloudevents+json");
            HttpStub.Request second = stub.requests().get(1);
            assertThat(second.event().get("id").asString()).isEqualTo("b-1");
            assertThat(second.event().get("source").asString()).isEqualTo("/binary");
            assertThat(second.event().get("type").asString()).isEqualTo("com.example.binary");
            assertThat(second.event().get("extra").asString()).isEqualTo("kept");
            assertThat(second.data().get("price").asInt()).isEqualTo(1);
        }
    }

    static PipelineFile orders(String name, KafkaBroker kafka, String topic, String startOffset, HttpStub stub) {
        return orders(name, kafka, topic, startOffset, "{url: \"" + stub.url() + "\"}");
    }

    /** Of which the sink waits for its answers longer than any test lasts. */
    static PipelineFile patientOrders(String name, KafkaBroker kafka, String topic, String startOffset, HttpStub stub) {
        return orders(name, kafka, topic, startOffset, "{url: \"" + stub.url() + "\", timeout: 3m}");
    }

    private static PipelineFile orders(String name, KafkaBroker kafka, String topic, String startOffset, String sink) {
        return PipelineFile.named(name)
                .source("orders", "kafka-source", source(kafka, topic, startOffset))
                .processor(
                        "normalize",
                        "cel-processor",
                        "{fields: {order_id: data.legacy_id, n: data.n, total: data.price * data.quantity}}",
                        "orders")
                .sink("callback", "http-sink", sink, "normalize");
    }

    static String source(KafkaBroker kafka, String topic, String startOffset) {
        return "{brokers: [\"" + kafka.bootstrapServers() + "\"], topic: " + topic + ", startOffset: " + startOffset
                + "}";
    }

    static void awaitArrivals(HttpStub stub, Oracle oracle, Sandbox sandbox) throws Exception {
        Eventually.until(
                DELIVERY,
                () -> stub.count() >= oracle.count() && oracle.complete(Oracle.arrivals(stub.accepted())),
                () -> oracle.count() + " events at the endpoint; there are " + stub.count() + sandbox.logs());
    }

    private static Set<Integer> numbers(HttpStub stub) {
        return stub.requests().stream()
                .map(r -> r.data().get("n").asInt())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<Integer, String> ids(HttpStub stub) {
        return stub.requests().stream()
                .collect(Collectors.toMap(
                        r -> r.data().get("n").asInt(), r -> r.event().get("id").asString()));
    }
}
