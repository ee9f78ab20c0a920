// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Load, and a fault of real processes every few seconds (F35). Of every component one replica and the control plane are never killed, and go
 * through all that befalls the others: they are what must stay flat.
 */
@ExtendWith(Sandbox.Extension.class)
class FaultsSoak {
    private static final String NAME = "faults";
    private static final int PARTITIONS = 6;
    private static final int EVENTS_PER_SECOND = 100;
    private static final List<String> COMPONENTS = List.of("orders", "passed", "callback");
    private static final Duration BETWEEN_FAULTS = Duration.ofSeconds(3);
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(15);
    private static final Duration OUTAGE = Duration.ofSeconds(2);
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    private enum Fault {
        KILL,
        FREEZE,
        REFUSE,
        SLOW,
        PAUSE
    }

    @Test
    void f35_heapDirectMemoryFileDescriptorsAndThreadsStayFlatUnderFaults(Sandbox sandbox) throws Exception {
        long seed = SoakTime.seed();
        System.out.println("f35: seed " + seed);
        Random random = new Random(seed);
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", PARTITIONS);
        Oracle oracle = new Oracle(seed);
        AtomicReference<HttpStub.Answer> answer = new AtomicReference<>(HttpStub.Answer.OK);
        sandbox.with("JAVA_TOOL_OPTIONS", ProcessVitals.JVM_OPTION);
        try (HttpStub stub = HttpStub.start();
                SteadyLoad load = SteadyLoad.on(oracle, kafka, topic, EVENTS_PER_SECOND)) {
            stub.keepNothing();
            stub.script(request -> {
                HttpStub.Answer now = answer.get();
                if (now.status() == 200) {
                    load.arrived(request);
                }
                return now;
            });
            FisoctlProcess run = sandbox.run(pipeline(kafka, topic, stub));
            sandbox.awaitState(NAME, "RUNNING");
            Eventually.until(Sandbox.PATIENCE, () -> load.arrivals() > 500, () -> "load" + run + sandbox.logs());
            List<ProcessVitals> spared = spared(sandbox, run);
            Set<Long> never = Set.copyOf(spared.stream().map(ProcessVitals::pid).toList());

            Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
            SoakTime.Deadline end = SoakTime.begin();
            long sampledAt = System.nanoTime() - BETWEEN_SAMPLES.toNanos();
            while (!end.passed()) {
                Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                faults.merge(fault, 1, Integer::sum);
                int before = load.arrivals();
                strike(fault, random, sandbox, never, answer);
                Eventually.until(
                        RECOVERY,
                        () -> load.arrivals() > before,
                        () -> "anything after " + fault + " (seed " + seed + ")" + run + sandbox.logs());
                Thread.sleep(BETWEEN_FAULTS);
                if (System.nanoTime() - sampledAt >= BETWEEN_SAMPLES.toNanos()) {
                    sampledAt = System.nanoTime();
                    for (ProcessVitals vitals : spared) {
                        vitals.sample();
                    }
                }
            }

            load.close();
            kafka.awaitCommitted("fiso-flow-" + NAME, topic, PARTITIONS, RECOVERY);
            int killed = faults.getOrDefault(Fault.KILL, 0);
            List<Oracle.Arrival> arrivals = load.arrived();
            int repetitions = oracle.judge(arrivals, Set.of(), killed, arrivals.size());
            System.out.println("f35: " + faults + ", " + oracle.count() + " events, " + repetitions + " repetitions");
            spared.forEach(vitals -> System.out.println("f35: " + vitals));
            spared.forEach(ProcessVitals::expectFlat);
            sandbox.awaitState(NAME, "RUNNING");
            sandbox.expectAudit(NAME, AuditReport.Sum.delivered(oracle.count()));
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    private static PipelineFile pipeline(KafkaBroker kafka, String topic, HttpStub stub) {
        PipelineFile file = PipelineFile.named(NAME)
                .source(
                        "orders",
                        "kafka-source",
                        "{brokers: [\"" + kafka.bootstrapServers() + "\"], topic: " + topic
                                + ", startOffset: earliest, revokeTimeout: 5s}")
                .processor("passed", "pass-through-processor", "{}", "orders")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "passed")
                // An outage shorter than this holds, and becomes no dead letter.
                .errorHandling("{onFailure: hold, backoff: constant, initialInterval: 100ms, maxInterval: 500ms}");
        for (String component : COMPONENTS) {
            file.of(component, "replicas: 2")
                    .of(component, "restart: {backoff: 200ms, maxBackoff: 1s, maxRestarts: 10000}")
                    .of(component, "env: {JAVA_TOOL_OPTIONS: \"" + ProcessVitals.JVM_OPTION + "\"}");
        }
        return file;
    }

    /** The first replica of each component, and the control plane. */
    private static List<ProcessVitals> spared(Sandbox sandbox, FisoctlProcess run) throws Exception {
        RunReport report = sandbox.report(NAME).orElseThrow();
        List<ProcessVitals> spared = new ArrayList<>();
        for (String component : COMPONENTS) {
            long pid = report.replica(component, 0).path("pid").asLong();
            spared.add(new ProcessVitals(component, pid));
        }
        spared.add(new ProcessVitals("control plane", run.pid()));
        return spared;
    }

    /** Does something to somebody, and heals it unless that is what supervision is for. */
    private static void strike(
            Fault fault, Random random, Sandbox sandbox, Set<Long> spared, AtomicReference<HttpStub.Answer> answer)
            throws Exception {
        List<ComponentProcess> all = sandbox.components();
        switch (fault) {
            case KILL -> {
                List<ComponentProcess> mortal = all.stream()
                        .filter(process -> !spared.contains(process.pid()))
                        .toList();
                if (!mortal.isEmpty()) {
                    mortal.get(random.nextInt(mortal.size())).kill();
                }
            }
            case FREEZE -> {
                ComponentProcess frozen = all.get(random.nextInt(all.size()));
                frozen.signal("STOP");
                Thread.sleep(OUTAGE);
                frozen.signal("CONT");
            }
            case REFUSE -> during(OUTAGE, HttpStub.Answer.status(503), answer);
            case SLOW -> during(OUTAGE, HttpStub.Answer.OK.after(Duration.ofMillis(200)), answer);
            case PAUSE -> {
                sandbox.succeed("pipelines", "pause", NAME);
                Thread.sleep(OUTAGE);
                sandbox.succeed("pipelines", "resume", NAME);
            }
        }
    }

    private static void during(Duration time, HttpStub.Answer bad, AtomicReference<HttpStub.Answer> answer)
            throws InterruptedException {
        answer.set(bad);
        Thread.sleep(time);
        answer.set(HttpStub.Answer.OK);
    }
}
