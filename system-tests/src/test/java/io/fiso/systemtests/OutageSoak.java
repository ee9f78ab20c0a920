// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** A sink that is down for as long as the soak lasts, with the policy that users have who wrote none (F13). */
@ExtendWith(Sandbox.Extension.class)
class OutageSoak {
    private static final int PARTITIONS = 6;
    private static final int PARALLELISM = 8;
    private static final int EVENTS_PER_SECOND = 50;
    /** What opens the circuit. */
    private static final int GIVEN_UP_MAX = 5;
    /** One probe per maxInterval, and a few beside it around the beginning. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(30);

    private static final long GROWTH_MAX_BYTES = 48L << 20;
    /** For what waited through a whole outage. */
    private static final Duration RECOVERY = Duration.ofMinutes(5);

    @Test
    void f13_aSinkThatIsDownForLongHoldsItsLanesAndRecoversWithoutAHand(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        String dlq = kafka.topic("dlq", 1);
        Oracle oracle = new Oracle(SoakTime.seed());
        AtomicBoolean down = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        try (HttpStub stub = HttpStub.start();
                SteadyLoad load = SteadyLoad.on(oracle, kafka, topic, EVENTS_PER_SECOND)) {
            stub.keepNothing();
            stub.script(request -> {
                if (down.get()) {
                    refused.incrementAndGet();
                    return HttpStub.Answer.status(503);
                }
                load.arrived(request);
                return HttpStub.Answer.OK;
            });
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("long-outage", kafka, topic, "earliest", stub)
                    .of("callback", "parallelism: " + PARALLELISM)
                    .errorHandling("{deadLetterTopic: " + dlq + "}"));
            Eventually.until(Sandbox.PATIENCE, () -> load.arrivals() > 500, () -> "load" + run + sandbox.logs());

            down.set(true);
            SoakTime.Deadline end = SoakTime.begin();
            RunReport degraded = sandbox.awaitState("long-outage", "DEGRADED");
            assertThat(degraded.reason()).contains("callback");
            Map<String, Long> memory = residentBytes(sandbox);
            while (!end.passed()) {
                Thread.sleep(Duration.ofSeconds(5));
                assertThat(sandbox.report("long-outage").orElseThrow().state()).isEqualTo("DEGRADED");
            }
            Map<String, Long> memoryLater = residentBytes(sandbox);
            int attempts = refused.get();
            down.set(false);

            Eventually.until(
                    RECOVERY,
                    () -> sandbox.report("long-outage").orElseThrow().state().equals("RUNNING"),
                    () -> "recovery" + run + sandbox.logs());
            load.close();
            kafka.awaitCommitted("fiso-flow-long-outage", topic, PARTITIONS, RECOVERY);
            int letters = kafka.ends(dlq, 1).get(0).intValue();
            Set<Integer> dead = kafka.read(dlq, letters, Sandbox.PATIENCE).stream()
                    .map(letter -> JsonMapper.shared()
                            .readTree(new String(letter.value(), StandardCharsets.UTF_8))
                            .path("n")
                            .asInt())
                    .collect(Collectors.toSet());
            System.out.println("f13: down for " + SoakTime.length() + ": " + attempts + " attempts, " + letters
                    + " dead letters, resident bytes " + memory + ", later " + memoryLater);
            assertThat(letters).as("dead letters").isLessThanOrEqualTo(PARALLELISM + GIVEN_UP_MAX);
            assertThat((long) attempts)
                    .as("attempts: those that open the circuit, and probes")
                    .isLessThanOrEqualTo(
                            SoakTime.length().dividedBy(PROBE_INTERVAL) * 2 + 3 * (PARALLELISM + GIVEN_UP_MAX));
            oracle.judge(load.arrived(), dead);
            memory.forEach((component, bytes) -> assertThat(memoryLater.get(component) - bytes)
                    .as("growth of %s during the outage, from %s MiB", component, bytes >> 20)
                    .isLessThan(GROWTH_MAX_BYTES));
            RunReport report = sandbox.report("long-outage").orElseThrow();
            for (String component : memory.keySet()) {
                assertThat(report.restarts(component))
                        .as("restarts of %s", component)
                        .isZero();
            }
            sandbox.expectAudit("long-outage", AuditReport.Sum.deadLettered(letters, oracle.count()));
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    private static Map<String, Long> residentBytes(Sandbox sandbox) throws Exception {
        Map<String, Long> bytes = new TreeMap<>();
        for (ComponentProcess component : sandbox.components()) {
            bytes.put(component.component(), component.residentBytes());
        }
        assertThat(bytes).containsOnlyKeys("orders", "normalize", "callback");
        return bytes;
    }
}
