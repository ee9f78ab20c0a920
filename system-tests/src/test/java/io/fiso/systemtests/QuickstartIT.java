// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first thing a newcomer runs. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class QuickstartIT {
    private static final int EVENTS = 1000;

    private final Path file = Distribution.sources().resolve("examples/pipelines/quickstart.yaml");

    @Test
    void showsEveryEventAsCleanCloudEventAndCompletes(Sandbox sandbox) throws Exception {
        FisoctlProcess run = sandbox.succeed("run", file, "--grpc-port", "0", "--http-port", "0");

        List<JsonNode> events = run.outLines().stream()
                .filter(line -> line.startsWith("{"))
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(events).as(run::toString).hasSize(EVENTS);
        assertThat(events.stream().map(e -> e.get("id").asString()).distinct()).hasSize(EVENTS);
        for (JsonNode event : events) {
            assertThat(event.get("specversion").asString()).isEqualTo("1.0");
            assertThat(event.get("type").asString()).isNotEmpty();
            assertThat(event.get("source").asString()).isNotEmpty();
            assertThat(event.get("data").isObject()).as("%s", event).isTrue();
        }
        assertThat(run.out() + run.err()).contains("COMPLETED");
        sandbox.expectNoChild();
    }

    @Test
    void countsExactly(Sandbox sandbox) throws Exception {
        FisoctlProcess run = sandbox.succeed("run", file, "--grpc-port", "0", "--http-port", "0", "-o", "json");

        RunReport report = new RunReport(run.envelope().get("result"), run::toString);
        report.expectState("COMPLETED");
        assertThat(report.accepted()).isEqualTo(EVENTS);
        assertThat(report.delivered()).isEqualTo(EVENTS);
        assertThat(report.deadLettered()).isZero();
        assertThat(report.sentPerEdge())
                .hasSize(2)
                .allSatisfy((_, events) -> assertThat(events).isEqualTo(EVENTS));
        assertThat(report.receivedPerEdge()).isEqualTo(report.sentPerEdge());
    }
}
