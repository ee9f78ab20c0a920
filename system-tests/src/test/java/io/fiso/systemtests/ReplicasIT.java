// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Several processes of one component: each key belongs to one of them at a time, and nothing else changes. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class ReplicasIT {
    private static final int EVENTS = 6_000;
    private static final int KEYS = 50;
    private static final JsonMapper JSON = new JsonMapper();

    private record Arrival(String key, int n) {}

    @Test
    void threeOfAProcessorAndTwoOfASinkKeepCountAndOrder(Sandbox sandbox) throws Exception {
        FisoctlProcess run = start(sandbox, "").expectExit(0, Duration.ofSeconds(120));

        RunReport report = new RunReport(run.envelope().get("result"), run::toString);
        report.expectState("COMPLETED");
        assertThat(report.delivered()).isEqualTo(EVENTS);
        assertThat(report.sentPerEdge())
                .isEqualTo(Map.of("made->priced", (long) EVENTS, "priced->shown", (long) EVENTS));
        AuditReport audit = sandbox.audit("replicas");
        audit.expect(AuditReport.Sum.delivered(EVENTS));
        assertThat(audit.edge("made", "priced")).as(audit::toString).isEqualTo(AuditReport.Sum.delivered(EVENTS));
        assertThat(audit.edge("priced", "shown")).as(audit::toString).isEqualTo(AuditReport.Sum.delivered(EVENTS));
        List<List<Arrival>> sinks = arrivals(sandbox);
        assertThat(sinks).hasSize(2).allSatisfy(sink -> assertThat(sink).isNotEmpty());
        assertThat(sinks.stream().mapToInt(List::size).sum()).isEqualTo(EVENTS);
        Set<String> keys = keys(sinks.getFirst());
        keys.retainAll(keys(sinks.getLast()));
        assertThat(keys).as("keys at both replicas").isEmpty();
        sinks.forEach(sink -> assertThat(setBacks(sink)).isZero());
    }

    @Test
    void aReplicaThatIsKilledLosesNothingAndSetsItsKeysBackOnce(Sandbox sandbox) throws Exception {
        FisoctlProcess run = start(sandbox, ", rate: 1500");
        Eventually.until(
                Duration.ofSeconds(60),
                () -> arrivals(sandbox).stream().mapToInt(List::size).sum() > 500,
                () -> "500 arrivals\n" + run);
        ComponentProcess victim = sandbox.component("priced");
        victim.kill();

        run.expectExit(0, Duration.ofSeconds(120));
        RunReport report = new RunReport(run.envelope().get("result"), run::toString);
        report.expectState("COMPLETED");
        assertThat(report.delivered()).isEqualTo(EVENTS);
        sandbox.audit("replicas").expect(AuditReport.Sum.delivered(EVENTS));
        Set<Integer> seen = new HashSet<>();
        arrivals(sandbox).forEach(sink -> sink.forEach(arrival -> seen.add(arrival.n())));
        assertThat(seen).hasSize(EVENTS);
        arrivals(sandbox)
                .forEach(sink -> assertThat(setBacks(sink)).as("one crash").isLessThanOrEqualTo(1));
    }

    private static FisoctlProcess start(Sandbox sandbox, String rate) throws Exception {
        Path file = sandbox.write("replicas.yaml", """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: replicas}
                spec:
                  sources:
                    - id: made
                      type: generator-source
                      config: {count: %d, keys: %d, data: '{"key": "{{key}}", "n": {{n}}}'%s}
                  processors:
                    - {id: priced, type: pass-through-processor, inputs: [made], replicas: 3}
                  sinks:
                    - {id: shown, type: console-sink, inputs: [priced], replicas: 2}
                """.formatted(EVENTS, KEYS, rate));
        return sandbox.start("run", file, "--grpc-port", "0", "--http-port", "0", "-o", "json");
    }

    /** What each replica of the sink printed. */
    private static List<List<Arrival>> arrivals(Sandbox sandbox) throws Exception {
        List<List<Arrival>> sinks = new ArrayList<>();
        if (!Files.exists(sandbox.stateHome())) {
            return sinks; // Not started yet.
        }
        try (Stream<Path> files = Files.walk(sandbox.stateHome())) {
            for (Path file : files.filter(f -> f.getFileName().toString().matches("shown-[0-9]\\.out"))
                    .sorted()
                    .toList()) {
                List<Arrival> arrivals = new ArrayList<>();
                for (String line : Files.readAllLines(file)) {
                    if (!line.endsWith("}")) {
                        continue; // Being written.
                    }
                    JsonNode data = JSON.readTree(line).path("data");
                    arrivals.add(new Arrival(
                            data.path("key").asString(), data.path("n").asInt()));
                }
                sinks.add(arrivals);
            }
        }
        return sinks;
    }

    private static Set<String> keys(List<Arrival> arrivals) {
        Set<String> keys = new HashSet<>();
        arrivals.forEach(arrival -> keys.add(arrival.key()));
        return keys;
    }

    /** The most often that one key went back. */
    private static int setBacks(List<Arrival> arrivals) {
        Map<String, Integer> last = new HashMap<>();
        Map<String, Integer> setBacks = new HashMap<>();
        for (Arrival arrival : arrivals) {
            if (last.getOrDefault(arrival.key(), -1) >= arrival.n()) {
                setBacks.merge(arrival.key(), 1, Integer::sum);
            }
            last.put(arrival.key(), arrival.n());
        }
        return setBacks.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }
}
