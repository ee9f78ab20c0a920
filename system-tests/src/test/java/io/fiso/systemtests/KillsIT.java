// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kill -9 of one process under load: it is started again, and nothing is lost or out of order (F1, F2, F3). */
@Timeout(180)
@ExtendWith(Sandbox.Extension.class)
class KillsIT {
    private static final int PARTITIONS = 6;
    private static final Duration DELIVERY = Duration.ofSeconds(90);
    /** What an edge may have unsettled at once. */
    private static final int WINDOW = 4_096;

    @ParameterizedTest(name = "F{1}: kill -9 of {0}")
    @CsvSource({"orders, 1", "normalize, 2", "callback, 3"})
    void isStartedAgainAndLosesNothing(String victim, int fault, Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(4_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            // Slow enough that the kill meets events in flight.
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            String name = "kill-" + victim;
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders(name, kafka, topic, "earliest", stub));
            Eventually.until(DELIVERY, () -> stub.count() > 800, () -> "load" + run + sandbox.logs());

            ComponentProcess before = sandbox.component(victim);
            before.kill();
            int atKill = stub.count();
            assertThat(atKill).as("killed in the middle").isLessThan(oracle.count());
            sandbox.successor(before, Duration.ofSeconds(20));
            kafka.produce(topic, oracle.issue(500, 300));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-" + name, topic, PARTITIONS, Duration.ofSeconds(30));

            RunReport report = sandbox.awaitState(name, "RUNNING");
            assertThat(report.restarts(victim)).as("restarts").isEqualTo(1);
            int repetitions = oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
            assertThat(repetitions)
                    .as("events that were at the endpoint and not settled when %s died came again", victim)
                    .isPositive();
            System.out.println("kill -9 of " + victim + " (F" + fault + ") after " + atKill + " deliveries: "
                    + repetitions + " repetitions");
            assertThat(run.isAlive()).as(run::toString).isTrue();
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }
}
