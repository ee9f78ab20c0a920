// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sink that remembers what it delivered, killed under load as its source is; and one that does not, for comparison. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class DeduplicationIT {
    private static final int PARTITIONS = 6;
    private static final int PARALLELISM = 8;
    /** The sink is killed twice; each time one event per running lane may be outside and not yet remembered. */
    private static final int FORGOTTEN_MAX = 2 * PARALLELISM;

    private static final int WINDOW = 4_096;
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    /** How long an answer takes; the longer one while a process starts, lest all is delivered before the last kill. */
    private static final Duration QUICK = Duration.ofMillis(10);

    private static final Duration SLOW = Duration.ofMillis(200);
    private static final String RECOGNISED = "fiso_component_deduplicated_total";

    @Test
    void whatItRemembersSurvivesKillsAndNextRunsAndTheOutsideSeesAtMostOneEventPerLaneAgain(Sandbox sandbox)
            throws Exception {
        Killed killed = killed("remembering", true, sandbox);

        assertThat(killed.recognised)
                .as("recognised by a sink that was started anew: delivered by its predecessor, or before it was killed")
                .isPositive();
        assertThat(killed.recognisedByNextRun)
                .as("recognised by the sink of the second run")
                .isPositive();
        assertThat(killed.repetitions).as("repetitions outside").isLessThanOrEqualTo(FORGOTTEN_MAX);
    }

    @Test
    void withoutAMemoryTheSameKillsShowOutside(Sandbox sandbox) throws Exception {
        Killed killed = killed("forgetful", false, sandbox);

        assertThat(killed.recognised + killed.recognisedByNextRun).isZero();
        assertThat(killed.repetitions).as("repetitions outside").isGreaterThan(FORGOTTEN_MAX);
    }

    private record Killed(int repetitions, double recognised, double recognisedByNextRun) {}

    /** Kills the sink, then the source, then everything, each under load. */
    private static Killed killed(String name, boolean remembers, Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        String group = "fiso-flow-" + name;
        Oracle oracle = new Oracle(System.nanoTime());
        List<RecordMetadata> positions = kafka.produce(topic, oracle.issue(5_000, 300));
        AtomicReference<Duration> time = new AtomicReference<>(QUICK);
        try (HttpStub stub = HttpStub.start()) {
            HttpStub.Script answers = _ -> HttpStub.Answer.OK.after(time.get());
            // One for each kill, lest nothing is left that is delivered and not committed.
            Withheld third = new Withheld(0, 300, positions, stub, answers);
            Withheld second = new Withheld(0, 200, positions, stub, third);
            Withheld first = new Withheld(0, 100, positions, stub, second);
            stub.script(first);
            PipelineFile pipeline = KafkaDeliveryIT.patientOrders(name, kafka, topic, "earliest", stub)
                    .of("callback", "parallelism: " + PARALLELISM)
                    .of("callback", "deduplicate: " + remembers);
            FisoctlProcess run = sandbox.run(pipeline);
            Eventually.until(
                    DELIVERY,
                    () -> stub.count() > 500 && !kafka.committed(group, topic).isEmpty(),
                    () -> "load" + run + sandbox.logs());
            for (Map.Entry<String, Withheld> fault :
                    List.of(Map.entry("callback", first), Map.entry("orders", second))) {
                fault.getValue().awaitFollowers();
                int before = stub.count();
                ComponentProcess process = sandbox.component(fault.getKey());
                process.kill();
                time.set(SLOW);
                fault.getValue().release();
                sandbox.successor(process, Sandbox.PATIENCE);
                time.set(QUICK);
                Eventually.until(DELIVERY, () -> stub.count() > before + 300, () -> "load" + run + sandbox.logs());
            }
            RunReport report = sandbox.awaitState(name, "RUNNING");
            assertThat(report.restarts("callback")).isEqualTo(1);
            assertThat(report.restarts("orders")).isEqualTo(1);
            if (remembers) {
                Eventually.until(
                        DELIVERY,
                        () -> Metric.sum(report, "callback", RECOGNISED) > 0,
                        () -> "what the source read again, recognised" + run + sandbox.logs());
            }
            double recognised = Metric.sum(report, "callback", RECOGNISED);
            third.awaitFollowers();
            sandbox.killEverything();
            third.release();
            long distinct = stub.requests().stream()
                    .map(request -> request.event().path("id").asString())
                    .distinct()
                    .count();
            assertThat(distinct).as("killed in the middle").isLessThan(oracle.count());
            time.set(QUICK);
            long committed = kafka.committed(group, topic).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();

            sandbox.run(pipeline);
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted(group, topic, PARTITIONS, DELIVERY);

            int repetitions = oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 3, 3 * WINDOW);
            sandbox.expectAudit(name, AuditReport.Sum.delivered(oracle.count() - committed));
            double next = Metric.sum(sandbox.awaitState(name, "RUNNING"), "callback", RECOGNISED);
            System.out.println(name + ": " + repetitions + " repetitions outside, " + (long) recognised + " and "
                    + (long) next + " recognised");
            return new Killed(repetitions, recognised, next);
        }
    }
}
