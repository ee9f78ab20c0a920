// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run over TLS: nobody gets in who has no certificate of it, on no port, and a control plane that takes it over keeps it so. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class TlsIT {
    private static final int EVENTS = 8_000;

    @Test
    void aRunOverTlsLetsNobodyInAndCountsEveryEventOverTwoControlPlanes(Sandbox sandbox) throws Exception {
        PipelineFile pipeline = PipelineFile.named("guarded")
                .source("orders", "generator-source", "{count: " + EVENTS + ", rate: 200}")
                .processor("normalize", "cel-processor", "{fields: {id: data.legacy_id}}", "orders")
                .sink("nowhere", "null-sink", "{}", "normalize");
        FisoctlProcess first = sandbox.run(pipeline, "--tls");
        sandbox.awaitState("guarded", "RUNNING");
        // So that it runs until the end of the test.
        sandbox.succeed("pipelines", "pause", "guarded");
        expectNobodyGetsIn(sandbox, "guarded");
        sandbox.succeed("status", "guarded");

        first.signal("KILL");
        first.awaitExit(Sandbox.PATIENCE);
        FisoctlProcess second = sandbox.run(pipeline, "-o", "json");
        sandbox.awaitState("guarded", "PAUSED");
        assertThat(sandbox.components()).as("taken over, not started again").hasSize(3);
        expectNobodyGetsIn(sandbox, "guarded");

        sandbox.succeed("pipelines", "resume", "guarded");
        second.expectExit(0, Sandbox.PATIENCE);
        RunReport report = new RunReport(second.envelope().get("result"), second::toString);
        report.expectState("COMPLETED");
        assertThat(report.accepted()).isEqualTo(EVENTS);
        assertThat(report.delivered()).isEqualTo(EVENTS);
        assertThat(report.restarts("normalize")).isZero();
        sandbox.succeed("audit", "guarded");
        assertThat(home(sandbox, "guarded").resolve("runs").resolve(report.id()).resolve("tls"))
                .as("the keys of a run that has ended")
                .doesNotExist();
        sandbox.expectNoChild();
    }

    @Test
    void aRunThatWasStartedWithoutTlsIsNotTakenOverByWhoInsistsOnIt(Sandbox sandbox) throws Exception {
        PipelineFile pipeline = PipelineFile.named("open")
                .source("orders", "generator-source", "{rate: 100}")
                .sink("nowhere", "null-sink", "{}", "orders");
        FisoctlProcess first = sandbox.run(pipeline);
        sandbox.awaitState("open", "RUNNING");
        first.signal("KILL");
        first.awaitExit(Sandbox.PATIENCE);

        FisoctlProcess insisting = sandbox.run(pipeline, "--tls");
        insisting.expectExit(3, Sandbox.PATIENCE);
        assertThat(insisting.err()).contains("--no-tls").contains("was started without TLS");

        FisoctlProcess second = sandbox.run(pipeline);
        sandbox.awaitState("open", "RUNNING");
        second.controlC();
        second.expectExit(0, Duration.ofSeconds(60));
        sandbox.expectNoChild();
    }

    private static void expectNobodyGetsIn(Sandbox sandbox, String pipeline) throws Exception {
        Path home = home(sandbox, pipeline);
        JsonNode control = JsonMapper.shared().readTree(Files.readString(home.resolve("control.json")));
        String controlPlane = "127.0.0.1:" + control.path("grpcPort").asInt();
        RunReport report = sandbox.report(pipeline).orElseThrow();
        List<String> ports = new ArrayList<>(List.of(controlPlane));
        for (String component : List.of("orders", "normalize", "nowhere")) {
            ports.add(report.component(component).path("address").asString());
        }
        assertThat(ports).doesNotHaveDuplicates().allMatch(address -> address.matches("127\\.0\\.0\\.1:[0-9]+"));
        GrpcStranger bare = GrpcStranger.withoutCertificate();
        GrpcStranger selfSigned = GrpcStranger.selfSigned(sandbox.directory());
        GrpcStranger operator = GrpcStranger.holding(home.resolve("tls/client"));
        for (String port : ports) {
            String token = port.equals(controlPlane) ? control.path("token").asString() : runToken(sandbox);
            assertThat(GrpcStranger.checkInPlainText(port))
                    .as("plain text to " + port)
                    .isEqualTo("no connection");
            assertThat(bare.check(port, token)).as("no certificate to " + port).isEqualTo("no connection");
            assertThat(selfSigned.check(port, token))
                    .as("self-signed to " + port)
                    .isEqualTo("no connection");
            assertThat(operator.check(port, "0".repeat(64)))
                    .as("wrong token to " + port)
                    .isEqualTo("grpc-status 16");
            assertThat(operator.check(port, token))
                    .as("the right ones to " + port)
                    .isEqualTo("ok");
        }
    }

    /** What the components present to each other, which nobody else is told. */
    private static String runToken(Sandbox sandbox) throws Exception {
        Path environment =
                Path.of("/proc", Long.toString(sandbox.components().getFirst().pid()), "environ");
        return Arrays.stream(Files.readString(environment, StandardCharsets.ISO_8859_1)
                        .split("\0"))
                .filter(pair -> pair.startsWith("FISO_TOKEN="))
                .map(pair -> pair.substring("FISO_TOKEN=".length()))
                .findFirst()
                .orElseThrow();
    }

    private static Path home(Sandbox sandbox, String pipeline) {
        return sandbox.stateHome().resolve("pipelines").resolve(pipeline);
    }
}
