// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** SIGTERM in the middle of the work (D9). */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class StopFaultsIT {
    private static final int PARTITIONS = 6;

    @Test
    void f24_sigtermUnderLoadDrainsCommitsAndLeavesNothingToRepeat(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(12_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            PipelineFile pipeline = KafkaDeliveryIT.orders("terminated", kafka, topic, "earliest", stub);
            FisoctlProcess first = sandbox.run(pipeline, "-o", "json");
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 500, () -> "load" + first + sandbox.logs());

            first.signal("TERM");
            first.expectExit(0, Duration.ofSeconds(40));

            RunReport report = new RunReport(first.envelope().get("result"), first::toString);
            report.expectState("STOPPED");
            assertThat(report.inFlight()).isZero();
            assertThat(stub.count()).as("stopped in the middle").isLessThan(oracle.count());
            assertThat(report.delivered()).as("delivered").isEqualTo(stub.count());
            assertThat(sum(kafka.committed("fiso-flow-terminated", topic)))
                    .as("committed: what was delivered, all of it")
                    .isEqualTo(stub.count());
            sandbox.expectNoChild();

            sandbox.run(pipeline);
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-terminated", topic, PARTITIONS, Sandbox.PATIENCE);
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of());
        }
    }

    @Test
    void f24_aSinkThatDoesNotAnswerInTimeHasWhatIsLeftCountedAndNoChildRemains(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(200, 200));
        try (HttpStub stub = HttpStub.start()) {
            // Twenty are quick; whoever comes then does not hear from it for a long time.
            int quick = 20;
            stub.script(request -> request.data().path("n").asInt() < quick
                    ? HttpStub.Answer.OK
                    : HttpStub.Answer.OK.after(Duration.ofMinutes(2)));
            PipelineFile pipeline = KafkaDeliveryIT.orders("overdue", kafka, topic, "earliest", stub)
                    .limits("{drainTimeout: 2s}");
            FisoctlProcess first = sandbox.run(pipeline);
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> stub.count() > quick + 5
                            && kafka.committed("fiso-flow-overdue", topic).equals(Map.of(0, (long) quick)),
                    () -> "load" + first + sandbox.logs());

            first.signal("TERM");
            first.expectExit(0, Duration.ofSeconds(40));

            sandbox.expectNoChild();
            RunReport report = sandbox.report("overdue").orElseThrow();
            report.expectState("STOPPED");
            assertThat(report.delivered()).isEqualTo(quick);
            long left = report.accepted() - report.delivered();
            assertThat(left).as("uncommitted").isPositive();
            assertThat(report.inFlight()).isEqualTo(left);
            assertThat(first.out() + first.err())
                    .as("says how many are left, and what becomes of them")
                    .contains(left + " events")
                    .contains("next run");
            assertThat(kafka.committed("fiso-flow-overdue", topic)).isEqualTo(Map.of(0, (long) quick));

            List<HttpStub.Request> before = stub.requests();
            stub.script(_ -> HttpStub.Answer.OK);
            sandbox.run(pipeline);
            kafka.awaitCommitted("fiso-flow-overdue", topic, 1, Duration.ofSeconds(60));
            List<Oracle.Arrival> arrivals = Oracle.arrivals(stub.requests());
            oracle.judge(arrivals, Set.of(), 1, before.size() - quick);
            assertThat(arrivals.subList(before.size(), arrivals.size()).stream().map(Oracle.Arrival::n))
                    .as("what the second run delivers: exactly what the first left")
                    .containsExactlyInAnyOrderElementsOf(java.util.stream.IntStream.range(quick, oracle.count())
                            .boxed()
                            .toList());
        }
    }

    private static long sum(Map<Integer, Long> positions) {
        return positions.values().stream().mapToLong(Long::longValue).sum();
    }
}
