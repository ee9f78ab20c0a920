// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** kill -9 of the control plane: the data path does not need it, and it finds its own again (D11). */
@Timeout(240)
@ExtendWith(Sandbox.Extension.class)
class ControlPlaneLossIT {
    private static final int PARTITIONS = 6;
    private static final int WINDOW = 4_096;
    /** Where Linux says which process id it gave last, and lets those who may choose the next. */
    private static final Path LAST_PROCESS = Path.of("/proc/sys/kernel/ns_last_pid");

    @Test
    void f4_withoutItsControlPlaneDataFlowsAndTheNextOneTakesOverWhatRuns(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(3_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            PipelineFile pipeline = KafkaDeliveryIT.orders("orphaned", kafka, topic, "earliest", stub);
            FisoctlProcess first = sandbox.run(pipeline);
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 500, () -> "load" + first + sandbox.logs());
            Map<String, Long> processes = processes(sandbox);
            assertThat(processes).containsOnlyKeys("orders", "normalize", "callback");

            first.signal("KILL");
            first.awaitExit(Sandbox.PATIENCE);
            assertThat(stub.count()).as("killed in the middle").isLessThan(oracle.count());
            kafka.produce(topic, oracle.issue(500, 300));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-orphaned", topic, PARTITIONS, Sandbox.PATIENCE);
            assertThat(processes(sandbox)).as("nothing is restarted meanwhile").isEqualTo(processes);

            FisoctlProcess second = sandbox.run(pipeline, "-o", "json");
            sandbox.awaitState("orphaned", "RUNNING");
            kafka.produce(topic, oracle.issue(500, 300));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-orphaned", topic, PARTITIONS, Sandbox.PATIENCE);
            assertThat(processes(sandbox)).as("nothing is started twice").isEqualTo(processes);
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of());
            RunReport counted = sandbox.awaitReport(
                    "orphaned", "counted", Sandbox.PATIENCE, report -> report.delivered() == oracle.count());
            assertThat(counted.accepted())
                    .as("accepted, over both control planes")
                    .isEqualTo(oracle.count());
            sandbox.succeed("audit", "orphaned");

            // The new one looks after what it took over.
            ComponentProcess victim = sandbox.component("normalize");
            victim.kill();
            sandbox.successor(victim, Sandbox.PATIENCE);
            kafka.produce(topic, oracle.issue(200, 300));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
            second.controlC();
            second.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    @Test
    void f4_aChangedFileIsRefusedUnlessItIsToReplaceWhatRuns(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess first = sandbox.run(endless("changed", stub, 200));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 50, () -> "load" + first);
            Map<String, Long> processes = processes(sandbox);
            first.signal("KILL");
            first.awaitExit(Sandbox.PATIENCE);

            FisoctlProcess refused = sandbox.run(endless("changed", stub, 100));
            assertThat(refused.awaitExit(Sandbox.PATIENCE))
                    .as(refused::toString)
                    .isNotZero();
            assertThat(refused.err()).contains("--replace").doesNotContain("\tat ");
            assertThat(processes(sandbox)).as("what runs is left alone").isEqualTo(processes);

            FisoctlProcess replacing = sandbox.run(endless("changed", stub, 100), "--replace");
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> {
                        Map<String, Long> now = processes(sandbox);
                        return now.size() == 2 && now.values().stream().noneMatch(processes::containsValue);
                    },
                    () -> "others in their place; there are " + processes(sandbox) + replacing);
            sandbox.awaitState("changed", "RUNNING");
            replacing.controlC();
            replacing.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    @Test
    void f5_aProcessIdThatAnotherProgramHasNowIsNotTouched(Sandbox sandbox) throws Exception {
        assumeTrue(Files.isWritable(LAST_PROCESS), "this machine does not let tests choose process ids");
        try (HttpStub stub = HttpStub.start()) {
            PipelineFile pipeline = endless("reused", stub, 200);
            FisoctlProcess first = sandbox.run(pipeline);
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 50, () -> "load" + first);
            ComponentProcess victim = sandbox.component("callback");
            first.signal("KILL");
            first.awaitExit(Sandbox.PATIENCE);
            victim.kill();
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> Files.notExists(Path.of("/proc", Long.toString(victim.pid()))),
                    () -> victim + " is gone");
            Process stranger = processWithId(victim.pid());
            try {
                FisoctlProcess second = sandbox.run(pipeline);
                long successor = sandbox.successor(victim, Sandbox.PATIENCE).pid();
                RunReport report = sandbox.awaitReport(
                        "reused",
                        "RUNNING with the new process",
                        Sandbox.PATIENCE,
                        now -> now.state().equals("RUNNING")
                                && now.component("callback").path("pid").asLong() == successor);
                assertThat(report.restarts("made")).isZero();
                int before = stub.count();
                Eventually.until(Sandbox.PATIENCE, () -> stub.count() > before + 50, () -> "data" + second);

                assertThat(stranger.isAlive()).as("the stranger").isTrue();
                second.controlC();
                second.expectExit(0, Duration.ofSeconds(40));
                sandbox.expectNoChild();
                assertThat(stranger.isAlive()).as("the stranger, at the end").isTrue();
                long delivered = stub.accepted().stream()
                        .map(request -> request.event().get("id").asString())
                        .distinct()
                        .count();
                sandbox.audit("reused").expect(AuditReport.Sum.delivered(delivered));
            } finally {
                stranger.destroyForcibly();
            }
        }
    }

    @Test
    void f6_withoutAControlPlaneForGoodComponentsDrainAndLeave(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(6_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(20)));
            PipelineFile pipeline = KafkaDeliveryIT.orders("forsaken", kafka, topic, "earliest", stub);
            FisoctlProcess first = sandbox.run(pipeline, "--orphan-grace", "2s");
            RunReport running = sandbox.awaitState("forsaken", "RUNNING");
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 200, () -> "load" + first + sandbox.logs());
            List<InetSocketAddress> addresses = addresses(running);
            first.signal("KILL");
            int atKill = stub.count();

            Eventually.until(
                    Duration.ofSeconds(60),
                    () -> sandbox.components().isEmpty(),
                    () -> "components leave; there are " + sandbox.components() + sandbox.logs());

            assertThat(addresses).as("ports that are held").noneMatch(ControlPlaneLossIT::listens);
            assertThat(stub.count()).as("went on without it").isGreaterThan(atKill);
            assertThat(kafka.committed("fiso-flow-forsaken", topic).values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("committed: what was delivered, all of it")
                    .isEqualTo(stub.count());
            stub.script(_ -> HttpStub.Answer.OK);
            sandbox.run(pipeline);
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of());
        }
    }

    private static PipelineFile endless(String name, HttpStub stub, int rate) {
        return PipelineFile.named(name)
                .source("made", "generator-source", "{rate: " + rate + "}")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "made");
    }

    private static Map<String, Long> processes(Sandbox sandbox) {
        return sandbox.components().stream()
                .collect(Collectors.toMap(
                        ComponentProcess::component, ComponentProcess::pid, (one, two) -> -1L, TreeMap::new));
    }

    /** Starts a program of ours under this process id. */
    private static Process processWithId(long pid) throws IOException {
        for (int attempt = 0; attempt < 50; attempt++) {
            Files.writeString(LAST_PROCESS, Long.toString(pid - 1));
            Process process = new ProcessBuilder("sleep", "600").start();
            if (process.pid() == pid) {
                return process;
            }
            process.destroyForcibly();
        }
        throw new AssertionError("no process got the id " + pid + "; others were faster each time");
    }

    private static List<InetSocketAddress> addresses(RunReport report) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String component : List.of("orders", "normalize", "callback")) {
            JsonNode status = report.component(component);
            for (String face : List.of("address", "httpAddress")) {
                String address = status.path(face).asString();
                int colon = address.lastIndexOf(':');
                addresses.add(new InetSocketAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
            }
        }
        return addresses;
    }

    private static boolean listens(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1_000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
