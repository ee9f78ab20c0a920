// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sink that is too slow holds up what is upstream of it, within bounds, and nobody else (D3, D4). */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class BackpressureFaultsIT {
    private static final int PARTITIONS = 6;
    private static final int PADDING_BYTES = 6_000;
    private static final int WINDOW_EVENTS = 1_000;
    /** What the source has fetched from Kafka and not taken in: at most one poll. */
    private static final int FETCHED_MAX = 1_000;

    private static final long GROWTH_MAX_BYTES = 32L << 20;
    /** How long a member may stay away from Kafka before it is taken for dead. */
    private static final Duration POLL_INTERVAL_MAX = Duration.ofSeconds(6);

    @Test
    void f12_aSinkAtOneEventPerSecondPausesItsSourceWithinBoundsAndNobodyElses(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String heavy = kafka.topic("heavy", PARTITIONS);
        String light = kafka.topic("light", PARTITIONS);
        Oracle slowOracle = new Oracle(System.nanoTime());
        Oracle briskOracle = new Oracle(System.nanoTime());
        kafka.produce(heavy, slowOracle.issue(6_000, 300, PADDING_BYTES));
        try (HttpStub slow = HttpStub.start();
                HttpStub brisk = HttpStub.start()) {
            slow.script(_ -> HttpStub.Answer.OK.after(Duration.ofSeconds(1)));
            FisoctlProcess slowRun = sandbox.run(slow("slow", kafka, heavy, slow));
            RunReport full = sandbox.awaitReport(
                    "slow",
                    "full",
                    Sandbox.PATIENCE,
                    report -> report.inFlight() >= WINDOW_EVENTS && slow.count() >= 2);
            Set<String> members = kafka.members("fiso-flow-slow");
            Map<String, Long> memory = residentBytes(sandbox, full);
            long began = System.nanoTime();
            int deliveredBefore = slow.count();

            // The other pipeline does its work beside it.
            kafka.produce(light, briskOracle.issue(5_000, 300));
            FisoctlProcess briskRun = sandbox.run(KafkaDeliveryIT.orders("brisk", kafka, light, "earliest", brisk));
            KafkaDeliveryIT.awaitArrivals(brisk, briskOracle, sandbox);
            briskOracle.judge(Oracle.arrivals(brisk.requests()), Set.of());
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> System.nanoTime() - began
                                    > POLL_INTERVAL_MAX.multipliedBy(2).toNanos()
                            && slow.count() >= deliveredBefore + 5,
                    () -> "the slow one goes on: " + slow.count() + " events" + slowRun);

            RunReport later = sandbox.report("slow").orElseThrow();
            assertThat(later.state()).as("slow is not ill: %s", later).isEqualTo("RUNNING");
            assertThat(later.inFlight())
                    .as("what was taken in and is unsettled: the window, no matter how long it lasts")
                    .isBetween((long) WINDOW_EVENTS, WINDOW_EVENTS + 1L);
            assertThat(later.accepted() - full.accepted())
                    .as("the source takes in what the sink gives off")
                    .isEqualTo(later.delivered() - full.delivered());
            assertThat(later.lag("orders"))
                    .as("records that the source leaves in Kafka")
                    .isGreaterThan(slowOracle.count() - WINDOW_EVENTS - FETCHED_MAX - later.delivered());
            assertThat(kafka.members("fiso-flow-slow"))
                    .as("members of the group: a paused source keeps in touch")
                    .isEqualTo(members);
            Map<String, Long> memoryLater = residentBytes(sandbox, later);
            memory.forEach((component, bytes) -> assertThat(memoryLater.get(component) - bytes)
                    .as("growth of %s while nothing moves, from %s MiB", component, bytes >> 20)
                    .isLessThan(GROWTH_MAX_BYTES));
            slowOracle.judgeSoFar(Oracle.arrivals(slow.requests()));
            System.out.println("f12: at 1 event/s " + later.inFlight() + " in flight, resident bytes " + memory
                    + ", later " + memoryLater);
            briskRun.controlC();
            briskRun.expectExit(0, Duration.ofSeconds(40));
        }
    }

    private static PipelineFile slow(String name, KafkaBroker kafka, String topic, HttpStub stub) {
        return PipelineFile.named(name)
                .source(
                        "orders",
                        "kafka-source",
                        "{brokers: [\"" + kafka.bootstrapServers() + "\"], topic: " + topic
                                + ", startOffset: earliest, revokeTimeout: 2s, properties: {max.poll.interval.ms: "
                                + POLL_INTERVAL_MAX.toMillis() + ", session.timeout.ms: "
                                + POLL_INTERVAL_MAX.toMillis() + "}}")
                .processor("passed", "pass-through-processor", "{}", "orders")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "passed")
                .of("callback", "parallelism: 1")
                .limits("{windowEvents: " + WINDOW_EVENTS + "}");
    }

    private static Map<String, Long> residentBytes(Sandbox sandbox, RunReport report) throws Exception {
        Map<String, Long> bytes = new HashMap<>();
        for (ComponentProcess component : sandbox.components()) {
            if (component.run().equals(report.id())) {
                bytes.put(component.component(), component.residentBytes());
            }
        }
        assertThat(bytes).containsOnlyKeys("orders", "passed", "callback");
        return bytes;
    }
}
