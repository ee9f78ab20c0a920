// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Components that do not start, do not move, or do not know that they have been replaced (D8, D10). */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class SupervisionFaultsIT {
    private static final int PARTITIONS = 6;
    private static final int WINDOW = 4_096;
    private static final String FIELDS =
            "{fields: {order_id: data.legacy_id, n: data.n, total: data.price * data.quantity}}";

    @Test
    void f17_aCrashLoopAtStartSpendsItsBudgetAndFailsTheRunWithTheLastLines(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            // Its last start but one waits for what the others do meanwhile, however slow the machine is.
            Path goOn = sandbox.directory().resolve("go-on");
            Path starts = sandbox.directory().resolve("starts");
            String broken = StartScript.write(sandbox, "broken", """
                    #!/bin/sh
                    echo started >> %s
                    tries=0
                    while [ "$(wc -l < %s)" -ge 5 ] && [ ! -e %s ] && [ $tries -lt 1200 ]; do
                        sleep 0.1
                        tries=$((tries + 1))
                    done
                    echo "cannot find the licence file" >&2
                    exit 7
                    """.formatted(starts, starts, goOn));
            FisoctlProcess run = sandbox.run(
                    PipelineFile.named("looping")
                            .source("made", "generator-source", "{rate: 100}")
                            .commandSink("broken", broken, "{}", "made")
                            .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "made")
                            .of("broken", "restart: {maxRestarts: 5, backoff: 500ms, maxBackoff: 1500ms}"),
                    "-o",
                    "json");
            // The others do their work meanwhile.
            RunReport meanwhile = sandbox.awaitReport(
                    "looping",
                    "CRASH_LOOP",
                    Sandbox.PATIENCE,
                    report -> report.health("broken").equals("CRASH_LOOP"));
            assertThat(meanwhile.state()).isIn("STARTING", "DEGRADED");
            assertThat(meanwhile.component("broken").path("reason").asString())
                    .contains("cannot find the licence file");
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 100, () -> "events at the other sink" + run);
            Files.createFile(goOn);

            run.expectExit(1, Sandbox.PATIENCE);

            JsonNode envelope = run.envelope();
            RunReport report = new RunReport(envelope.get("result"), run::toString);
            report.expectState("FAILED");
            assertThat(report.health("broken")).isEqualTo("CRASH_LOOP");
            assertThat(report.restarts("broken")).isEqualTo(5);
            assertThat(report.restarts("callback")).isZero();
            assertThat(texts(report.component("broken").path("lastStderr"))).contains("cannot find the licence file");
            assertThat(report.firstError().path("component").asString()).isEqualTo("broken");
            assertThat(report.firstError().path("message").asString())
                    .contains("exited with code 7")
                    .contains("cannot find the licence file");
            assertThat(envelope.get("error").toString()).contains("cannot find the licence file");
            // The broken sink took nothing, so nothing is delivered on all paths, and nothing is lost either.
            AuditReport audit = sandbox.audit("looping");
            AuditReport.Sum total = audit.total();
            audit.expect(new AuditReport.Sum(total.accepted(), 0, 0, 0));
            AuditReport.Sum other = audit.edge("made", "callback");
            int atCallback = ids(stub).size();
            assertThat(other.delivered()).as("at the other sink: %s", audit).isEqualTo(atCallback);
            assertThat(total.accepted()).as("accepted: %s", audit).isGreaterThanOrEqualTo(atCallback);
            sandbox.expectNoChild();
        }
    }

    @ParameterizedTest(name = "f18: {0} is stopped with SIGSTOP")
    @CsvSource({"orders", "callback"})
    void f18_aComponentThatIsAliveAndStuckIsNamedAndReplaced(String victim, Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(3_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            String name = "stuck-" + victim;
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders(name, kafka, topic, "earliest", stub)
                    .of(victim, "limits: {stallTimeout: 5s}"));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 500, () -> "load" + run + sandbox.logs());

            ComponentProcess stuck = sandbox.component(victim);
            stuck.signal("STOP");
            RunReport named = sandbox.awaitReport(
                    name,
                    "restarting " + victim,
                    Sandbox.PATIENCE,
                    report -> report.restarts(victim) == 1 || report.reason().contains(victim));
            sandbox.successor(stuck, Sandbox.PATIENCE);
            kafka.produce(topic, oracle.issue(300, 300));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            kafka.awaitCommitted("fiso-flow-" + name, topic, PARTITIONS, Sandbox.PATIENCE);

            RunReport report = sandbox.awaitState(name, "RUNNING");
            assertThat(report.restarts(victim)).as("restarts of %s", victim).isEqualTo(1);
            for (String other : Set.of("orders", "normalize", "callback")) {
                assertThat(report.restarts(other)).isEqualTo(other.equals(victim) ? 1 : 0);
            }
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
            assertThat(stuck.isAlive()).as("the stuck process").isFalse();
            sandbox.expectAudit(name, AuditReport.Sum.delivered(oracle.count()));
            System.out.println("f18: " + victim + ": " + named.reason());
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    @Test
    void f18_aComponentWhoseCodeHangsIsNamedAndReplaced(Sandbox sandbox) throws Exception {
        Path unblocked = sandbox.directory().resolve("unblocked");
        Path reached = sandbox.directory().resolve("reached");
        sandbox.write("Hangs.java", """
                import io.fiso.sdk.*;
                import java.nio.file.*;
                class Hangs {
                    public static void main(String... args) {
                        FisoComponent.run((EventProcessor) (event, output) -> {
                            if (Files.notExists(Path.of("%s"))) {
                                Files.writeString(Path.of("%s"), "here");
                                new java.util.concurrent.Semaphore(0).acquireUninterruptibly();
                            }
                            output.emit(event);
                        }, args);
                    }
                }
                """.formatted(unblocked, reached));
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(PipelineFile.named("hanging")
                    .source("made", "generator-source", "{count: 300}")
                    .command("hangs", "[java, -cp, \"${FISO_HOME}/lib/*\", Hangs.java]", "made")
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "hangs")
                    .of("hangs", "limits: {stallTimeout: 5s}"));
            Eventually.until(Sandbox.PATIENCE, () -> Files.exists(reached), () -> "an event that hangs" + run);
            ComponentProcess stuck = sandbox.component("hangs");
            Files.writeString(unblocked, "go");

            sandbox.successor(stuck, Sandbox.PATIENCE);
            run.expectExit(0, Sandbox.PATIENCE);

            assertThat(run.err()).contains("hangs").contains("no progress for");
            assertThat(ids(stub)).hasSize(300);
            sandbox.audit("hanging").expect(AuditReport.Sum.delivered(300));
            sandbox.expectNoChild();
        }
    }

    @ParameterizedTest(name = "f20: a zombie of {0}")
    @CsvSource({"orders, kafka-source", "normalize, cel-processor", "callback, http-sink"})
    void f20_aZombieIsFencedAndLeavesWhenItWakesUp(String victim, String type, Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(System.nanoTime());
        kafka.produce(topic, oracle.issue(3_000, 300));
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(5)));
            String name = "zombie-" + victim;
            String group = "fiso-flow-" + name;
            FisoctlProcess run =
                    sandbox.run(pipeline(name, victim, StartScript.escaping(sandbox, type), kafka, topic, stub));
            Eventually.until(
                    Sandbox.PATIENCE,
                    () -> stub.count() > 500 && !kafka.committed(group, topic).isEmpty(),
                    () -> "load" + run + sandbox.logs());
            List<ComponentProcess> both = sandbox.components().stream()
                    .filter(c -> c.component().equals(victim))
                    .toList();
            assertThat(both)
                    .as("the script, and the component that hides from its driver")
                    .hasSize(2);
            ComponentProcess script = one(both, true);
            ComponentProcess zombie = one(both, false);
            try {
                zombie.signal("STOP");
                script.kill();
                // Its replacement does the rest of the work, and more.
                kafka.produce(topic, oracle.issue(300, 300));
                KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
                kafka.awaitCommitted(group, topic, PARTITIONS, Sandbox.PATIENCE);
                Map<Integer, Long> committed = kafka.committed(group, topic);
                RunReport before =
                        sandbox.awaitReport(name, "counted", Sandbox.PATIENCE, report -> report.inFlight() == 0);
                oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
                int arrived = stub.count();

                zombie.signal("CONT");

                Eventually.until(
                        Sandbox.PATIENCE, () -> !zombie.isAlive(), () -> "the zombie to leave" + sandbox.logs());
                kafka.produce(topic, oracle.issue(300, 300));
                KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
                kafka.awaitCommitted(group, topic, PARTITIONS, Sandbox.PATIENCE);
                RunReport after = sandbox.awaitReport(
                        name,
                        "counted",
                        Sandbox.PATIENCE,
                        report -> report.inFlight() == 0 && report.delivered() >= before.delivered() + 300);
                assertThat(after.state()).isEqualTo("RUNNING");
                assertThat(after.restarts(victim)).as("restarts").isEqualTo(1);
                assertThat(after.delivered() - before.delivered())
                        .as("settled since the zombie woke up: nothing of its")
                        .isEqualTo(300);
                kafka.committed(group, topic)
                        .forEach((partition, offset) -> assertThat(offset)
                                .as("position of partition %s", partition)
                                .isGreaterThanOrEqualTo(committed.get(partition)));
                if (!victim.equals("callback")) {
                    // A sink that wakes up may write to the outside what it has in its hands, and the outside must know
                    // the ids.
                    oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
                    assertThat(stub.count()).as("arrivals since: the new ones").isEqualTo(arrived + 300);
                }
                sandbox.expectAudit(name, AuditReport.Sum.delivered(oracle.count()));
                System.out.println("f20: zombie of " + victim + " woke up: " + (stub.count() - arrived - 300)
                        + " arrivals beyond the new ones");
            } finally {
                ProcessHandle.of(zombie.pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    private static ComponentProcess one(List<ComponentProcess> of, boolean marked) {
        return of.stream()
                .filter(process -> process.marked() == marked)
                .findFirst()
                .orElseThrow(() -> new AssertionError("marked " + marked + " among " + of));
    }

    private static PipelineFile pipeline(
            String name, String victim, String command, KafkaBroker kafka, String topic, HttpStub stub) {
        String source = KafkaDeliveryIT.source(kafka, topic, "earliest");
        String sink = "{url: \"" + stub.url() + "\"}";
        PipelineFile file = PipelineFile.named(name);
        if (victim.equals("orders")) {
            file.commandSource("orders", command, source);
        } else {
            file.source("orders", "kafka-source", source);
        }
        if (victim.equals("normalize")) {
            file.commandProcessor("normalize", command, FIELDS, "orders");
        } else {
            file.processor("normalize", "cel-processor", FIELDS, "orders");
        }
        return victim.equals("callback")
                ? file.commandSink("callback", command, sink, "normalize")
                : file.sink("callback", "http-sink", sink, "normalize");
    }

    private static Set<String> ids(HttpStub stub) {
        return stub.accepted().stream()
                .map(request -> request.event().get("id").asString())
                .collect(Collectors.toSet());
    }

    private static Set<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asString)
                .collect(Collectors.toSet());
    }
}
