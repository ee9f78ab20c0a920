// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kill -9 of one process under load: it is started again, and nothing is lost or out of order (F1, F2, F3). */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class KillsIT {
    private static final int PARTITIONS = 6;
    /** What an edge may have unsettled at once. */
    private static final int WINDOW = 4_096;

    private static final Duration LOAD = Duration.ofSeconds(90);

    @ParameterizedTest(name = "f{1}: kill -9 of {0}")
    @CsvSource({"orders, 1", "normalize, 2", "callback, 3"})
    void isStartedAgainAndLosesNothing(String victim, int fault, Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        List<RecordMetadata> positions = new ArrayList<>(kafka.produce(topic, oracle.issue(4_000, 300)));
        try (HttpStub stub = HttpStub.start()) {
            HttpStub.Script answers = _ -> HttpStub.Answer.OK.after(Duration.ofMillis(5));
            Withheld withheld = new Withheld(0, 100, positions, stub, answers);
            stub.script(withheld);
            String name = "kill-" + victim;
            String group = "fiso-flow-" + name;
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.patientOrders(name, kafka, topic, "earliest", stub));
            Eventually.until(
                    LOAD,
                    () -> stub.count() > 800 && sum(kafka.committed(group, topic)) > 0,
                    () -> "load" + run + sandbox.logs());

            ComponentProcess before = sandbox.component(victim);
            withheld.awaitFollowers();
            Map<Integer, Long> committed = kafka.committed(group, topic);
            long killedAt = System.nanoTime();
            before.kill();
            int atKill = stub.count();
            assertThat(atKill).as("killed in the middle").isLessThan(oracle.count());
            withheld.release();
            sandbox.successor(before, Sandbox.PATIENCE);
            long startedAgain = System.nanoTime();
            positions.addAll(kafka.produce(topic, oracle.issue(500, 300)));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted(group, topic, PARTITIONS, Sandbox.PATIENCE);

            RunReport report = sandbox.awaitState(name, "RUNNING");
            assertThat(report.restarts(victim)).as("restarts").isEqualTo(1);
            List<Oracle.Arrival> arrivals = Oracle.arrivals(stub.requests());
            int repetitions = oracle.judge(arrivals, Set.of(), 1, WINDOW);
            assertThat(repetitions)
                    .as("events that were at the endpoint and not settled when %s died came again", victim)
                    .isPositive();
            assertThat(Oracle.repeated(arrivals))
                    .as("what came again was not committed at the kill: %s", committed)
                    .allMatch(n -> positions.get(n).offset()
                            >= committed.getOrDefault(positions.get(n).partition(), 0L));
            assertThat(repetitions)
                    .as("repetitions: none of what was committed")
                    .isLessThanOrEqualTo((int) (4_000 - sum(committed)));
            System.out.println("f" + fault + ": kill -9 of " + victim + " after " + atKill
                    + " deliveries: started again after "
                    + Duration.ofNanos(startedAgain - killedAt).toMillis() + " ms, " + repetitions + " repetitions");
            assertThat(run.isAlive()).as(run::toString).isTrue();
            RunReport counted = sandbox.awaitReport(
                    name, "counted", Sandbox.PATIENCE, now -> now.delivered() >= oracle.count() && now.inFlight() == 0);
            assertThat(counted.accepted()).as("accepted, counted once each").isEqualTo(oracle.count());
            sandbox.succeed("audit", name);
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    private static long sum(Map<Integer, Long> positions) {
        return positions.values().stream().mapToLong(Long::longValue).sum();
    }
}
