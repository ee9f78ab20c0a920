// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several processes that read one topic, of which one is killed under load. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class SourceReplicasIT {
    private static final int PARTITIONS = 6;
    private static final Set<Integer> ALL =
            new TreeSet<>(IntStream.range(0, PARTITIONS).boxed().toList());
    private static final int WINDOW = 4_096;
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    /** Slow enough that a kill is in the middle of the work. */
    private static final HttpStub.Script ANSWERS = _ -> HttpStub.Answer.OK.after(Duration.ofMillis(5));

    @Test
    void f1_aReplicaThatIsBackAtOnceReadsOnInItsPartitionsAndTheOthersHearNothing(Sandbox sandbox) throws Exception {
        Scene scene = new Scene("replica-back", 2, "restart: {backoff: 200ms}", sandbox);
        try (HttpStub stub = scene.stub) {
            Map<String, Set<Integer>> before = scene.awaitLoad(2);

            scene.kill(1, before);

            scene.oracle(500);
            scene.awaitDelivered();
            assertThat(scene.kafka.assignment(scene.group)).as("partitions").isEqualTo(before);
            scene.judge();
            assertThat(scene.report().replica("orders", 0).path("restarts").asInt())
                    .isZero();
            assertThat(scene.report().replica("orders", 1).path("restarts").asInt())
                    .isEqualTo(1);
            scene.stop();
        }
    }

    @Test
    void f1_aReplicaThatStaysAwayHasItsPartitionsReadByTheOthersUntilItIsBack(Sandbox sandbox) throws Exception {
        // Longer than its session lasts: Kafka gives up on it first.
        Scene scene = new Scene("replica-away", 3, "restart: {backoff: 14s}", sandbox);
        try (HttpStub stub = scene.stub) {
            Map<String, Set<Integer>> before = scene.awaitLoad(3);
            Set<Integer> orphaned = before.get(scene.member(0));
            assertThat(orphaned).hasSize(2);

            scene.kill(0, before);

            scene.awaitAssignment(
                    "all partitions at the two that are left",
                    now -> !now.containsKey(scene.member(0))
                            && now.size() == 2
                            && partitions(now).equals(ALL));
            scene.oracle(500);
            scene.awaitDelivered();
            assertThat(scene.kafka.assignment(scene.group))
                    .as("delivered, its partitions too, while it is away")
                    .doesNotContainKey(scene.member(0));
            scene.awaitAssignment(
                    "two partitions at each again",
                    now -> now.size() == 3
                            && now.values().stream().allMatch(some -> some.size() == 2)
                            && partitions(now).equals(ALL));
            scene.oracle(500);
            scene.awaitDelivered();
            scene.judge();
            scene.stop();
        }
    }

    private static Set<Integer> partitions(Map<String, Set<Integer>> assignment) {
        Set<Integer> partitions = new TreeSet<>();
        assignment.values().forEach(partitions::addAll);
        return partitions;
    }

    /** A pipeline under load whose source has several replicas, and what there is to see of it. */
    private static final class Scene {
        private final String name;
        private final String group;
        private final Sandbox sandbox;
        private final KafkaBroker kafka;
        private final String topic;
        private final HttpStub stub;
        private final Oracle oracle = new Oracle(System.nanoTime());
        private final List<RecordMetadata> positions = new ArrayList<>();
        /** An event of each partition, until the kill. */
        private final Map<Integer, Withheld> withheld = new TreeMap<>();

        private final FisoctlProcess run;

        Scene(String name, int replicas, String restart, Sandbox sandbox) throws Exception {
            this.name = name;
            this.group = "fiso-flow-" + name;
            this.sandbox = sandbox;
            this.kafka = KafkaBroker.shared();
            this.topic = kafka.topic("orders", PARTITIONS);
            this.stub = HttpStub.start();
            stub.script(ANSWERS);
            // Few, until every replica has its partitions: what is withheld while they move would come again for that
            // reason.
            oracle(300);
            this.run = sandbox.run(PipelineFile.named(name)
                    .source(
                            "orders",
                            "kafka-source",
                            "{brokers: [\"" + kafka.bootstrapServers() + "\"], topic: " + topic
                                    + ", startOffset: earliest, revokeTimeout: 5s,"
                                    + " properties: {session.timeout.ms: 6000, heartbeat.interval.ms: 500}}")
                    .processor("passed", "pass-through-processor", "{}", "orders")
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\", timeout: 3m}", "passed")
                    .of("orders", "replicas: " + replicas)
                    .of("orders", restart)
                    .of("callback", "parallelism: 16"));
        }

        /** Puts more events in. */
        void oracle(int more) throws Exception {
            positions.addAll(kafka.produce(topic, oracle.issue(more, 300)));
        }

        String member(int replica) {
            return name + ".orders." + replica;
        }

        /** Waits until all replicas read; who reads what. */
        Map<String, Set<Integer>> awaitLoad(int replicas) throws Exception {
            awaitAssignment(
                    "partitions at every replica",
                    now -> now.size() == replicas
                            && now.values().stream().allMatch(some -> some.size() == PARTITIONS / replicas)
                            && partitions(now).equals(ALL));
            Map<String, Set<Integer>> assignment = kafka.assignment(group);
            awaitDelivered();
            CountDownLatch ready = new CountDownLatch(1);
            AtomicReference<HttpStub.Script> answers = new AtomicReference<>(ANSWERS);
            stub.script(request -> {
                ready.await();
                return answers.get().answer(request);
            });
            Map<Integer, Long> before = kafka.ends(topic, PARTITIONS);
            oracle(4_000);
            for (int partition : ALL) {
                Withheld one = new Withheld(partition, before.get(partition) + 100, positions, stub, answers.get());
                withheld.put(partition, one);
                answers.set(one);
            }
            ready.countDown();
            return assignment;
        }

        void awaitAssignment(String wanted, Predicate<Map<String, Set<Integer>>> condition) throws Exception {
            Map<String, Set<Integer>> last = new TreeMap<>();
            Eventually.until(
                    DELIVERY,
                    () -> {
                        last.clear();
                        last.putAll(kafka.assignment(group));
                        return condition.test(last);
                    },
                    () -> wanted + "; there is " + last + run + sandbox.logs());
        }

        /** kill -9, in the middle of the work. */
        void kill(int replica, Map<String, Set<Integer>> assignment) throws Exception {
            long pid = report().replica("orders", replica).path("pid").asLong();
            ComponentProcess victim = sandbox.components().stream()
                    .filter(process -> process.pid() == pid)
                    .findFirst()
                    .orElseThrow();
            for (int partition : assignment.get(member(replica))) {
                withheld.get(partition).awaitFollowers();
            }
            victim.kill();
            assertThat(stub.count()).as("killed in the middle").isLessThan(oracle.count());
            withheld.values().forEach(Withheld::release);
        }

        RunReport report() throws Exception {
            return sandbox.report(name).orElseThrow();
        }

        void awaitDelivered() throws Exception {
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted(group, topic, PARTITIONS, Sandbox.PATIENCE);
        }

        /** Nothing is lost, keys keep their order, what came twice was in flight at the kill, and the audit knows the number. */
        void judge() throws Exception {
            List<Oracle.Arrival> arrivals = Oracle.arrivals(stub.requests());
            int repetitions = oracle.judge(arrivals, Set.of(), 1, WINDOW);
            assertThat(repetitions)
                    .as("events of the killed replica that were not committed came again")
                    .isPositive();
            sandbox.awaitState(name, "RUNNING");
            sandbox.expectAudit(name, AuditReport.Sum.delivered(oracle.count()));
            System.out.println(name + ": " + repetitions + " repetitions");
        }

        void stop() throws Exception {
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }
}
