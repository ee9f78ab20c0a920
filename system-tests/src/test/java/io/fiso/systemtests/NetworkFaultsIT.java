// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The network between components loses connections, and tells neither end. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class NetworkFaultsIT {
    private static final int PARTITIONS = 6;
    private static final int WINDOW = 4_096;
    /** Generous; a stream is asked for a sign of life after 5 s, and has 4 s for it. */
    private static final Duration NOTICED = Duration.ofSeconds(30);

    /** The address that emitters say they have; behind it sits the proxy. */
    private static final String ADVERTISED = "127.0.0.2";

    @Test
    void f19_halfOpenConnectionsAreNoticedAndReplacedWithoutARestart(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(2_000, 300));
        int ofSource = freePort();
        int ofProcessor = freePort();
        try (HttpStub stub = HttpStub.start();
                TcpProxy first = TcpProxy.on(ADVERTISED, ofSource);
                TcpProxy second = TcpProxy.on(ADVERTISED, ofProcessor)) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            FisoctlProcess run = sandbox.run(PipelineFile.named("half-open")
                    .commandSource(
                            "orders",
                            StartScript.advertising(sandbox, "kafka-source", ADVERTISED, ofSource),
                            KafkaDeliveryIT.source(kafka, topic, "earliest"))
                    .commandProcessor(
                            "normalize",
                            StartScript.advertising(sandbox, "cel-processor", ADVERTISED, ofProcessor),
                            "{fields: {order_id: data.legacy_id, n: data.n, total: data.price * data.quantity}}",
                            "orders")
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "normalize"));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 500, () -> "load" + run + sandbox.logs());
            Set<Long> processes = processes(sandbox);

            for (TcpProxy proxy : List.of(first, second)) {
                assertThat(proxy.loseAll())
                        .as("connections of the downstream and of the control plane")
                        .isGreaterThanOrEqualTo(2);
            }
            long lostAt = System.nanoTime();
            // What is sent now, is sent into the void.
            kafka.produce(topic, oracle.issue(1_000, 300));
            Eventually.until(
                    NOTICED,
                    () -> first.open() >= 1 && second.open() >= 1,
                    () -> "new connections" + run + sandbox.logs());
            System.out.println("f19: new connections "
                    + Duration.ofNanos(System.nanoTime() - lostAt).toMillis() + " ms after the old ones were lost");
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-half-open", topic, PARTITIONS, Sandbox.PATIENCE);

            RunReport report =
                    sandbox.awaitReport("half-open", "counted", NOTICED, now -> now.delivered() == oracle.count());
            assertThat(report.state()).isEqualTo("RUNNING");
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
            for (String component : List.of("orders", "normalize", "callback")) {
                assertThat(report.restarts(component))
                        .as("restarts of %s", component)
                        .isZero();
            }
            assertThat(processes(sandbox)).as("processes").hasSize(3).isEqualTo(processes);
            assertThat(report.resent("orders") + report.resent("normalize"))
                    .as("events sent into the void, and again")
                    .isPositive();
            sandbox.expectAudit("half-open", AuditReport.Sum.delivered(oracle.count()));
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    private static Set<Long> processes(Sandbox sandbox) {
        return sandbox.components().stream().map(ComponentProcess::pid).collect(Collectors.toCollection(TreeSet::new));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
