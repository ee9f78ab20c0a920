// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code fisoctl server}: one control plane, several pipelines, and none of them ends with it. */
@Timeout(600)
@ExtendWith(Sandbox.Extension.class)
class ServerIT {
    @Test
    void pipelinesGoOnOverTheEndsOfTheirServer(Sandbox sandbox) throws Exception {
        try (HttpStub one = HttpStub.start();
                HttpStub two = HttpStub.start()) {
            sandbox.end(3, "run", endless("left", one).write(sandbox.directory()), "--server");

            FisoctlProcess server = server(sandbox);
            sandbox.succeed("run", endless("left", one).write(sandbox.directory()), "--detach");
            FisoctlProcess following =
                    sandbox.start("run", endless("right", two).write(sandbox.directory()), "--server");
            flows(one, two, server);
            sandbox.awaitState("left", "RUNNING");
            sandbox.awaitState("right", "RUNNING");
            Map<String, Long> processes = processes(sandbox);
            assertThat(processes).containsOnlyKeys("made-left", "callback-left", "made-right", "callback-right");

            JsonNode status = sandbox.succeed("status", "-o", "json").envelope().get("result");
            assertThat(status.get("runs")).hasSize(2);
            assertThat(status.get("server").get("pid").asLong()).isEqualTo(server.pid());
            assertThat(sandbox.succeed("logs", "left", "--tail", "5").out()).isNotBlank();
            sandbox.succeed("audit", "left");
            assertThat(readiness(server)).isEqualTo(200);
            refuses(sandbox, server, one);

            server.signal("KILL");
            server.awaitExit(Sandbox.PATIENCE);
            flows(one, two, server);
            assertThat(sandbox.succeed("status").out()).contains("its server is gone");

            FisoctlProcess next = server(sandbox);
            sandbox.awaitState("left", "RUNNING");
            sandbox.awaitState("right", "RUNNING");
            flows(one, two, next);
            assertThat(processes(sandbox)).as("nothing is started twice").isEqualTo(processes);

            sandbox.succeed("pipelines", "stop", "right");
            following.expectExit(0, Sandbox.PATIENCE);
            assertThat(following.err()).contains("its control plane is gone");
            sandbox.audit("right");
            ComponentProcess victim = sandbox.component("callback-left");
            victim.kill();
            sandbox.successor(victim, Sandbox.PATIENCE);

            Map<String, Long> before = processes(sandbox);
            next.signal("TERM");
            next.expectExit(0, Sandbox.PATIENCE);
            assertThat(next.out()).contains("1 run left to the next server: left");
            assertThat(processes(sandbox))
                    .as("an end that was asked for ends no pipeline")
                    .isEqualTo(before);

            FisoctlProcess last = server(sandbox, "--drain");
            RunReport report = sandbox.awaitReport(
                    "left",
                    "healthy again",
                    Sandbox.PATIENCE,
                    now -> now.state().equals("RUNNING"));
            assertThat(report.restarts("made-left")).isZero();
            sandbox.succeed("audit", "left");
            last.signal("TERM");
            last.expectExit(0, Sandbox.PATIENCE);
            sandbox.expectNoChild();
            sandbox.awaitState("left", "STOPPED");
        }
    }

    private static void refuses(Sandbox sandbox, FisoctlProcess server, HttpStub stub) throws Exception {
        FisoctlProcess second = sandbox.end(1, "server", "--grpc-port", "0", "--http-port", "0");
        assertThat(second.err())
                .contains("a server is running here already: process " + server.pid())
                .doesNotContain("\tat ");
        FisoctlProcess foreground = sandbox.end(1, "run", endless("left", stub).write(sandbox.directory()));
        assertThat(foreground.err())
                .contains("\"left\" is running already")
                .contains("on the server")
                .doesNotContain("\tat ");
        FisoctlProcess again = sandbox.end(1, "run", endless("left", stub).write(sandbox.directory()), "--detach");
        assertThat(again.err()).contains("running already");
    }

    private static FisoctlProcess server(Sandbox sandbox, String... more) throws Exception {
        Object[] words = new Object[7 + more.length];
        System.arraycopy(new Object[] {"server", "--grpc-port", "0", "--http-port", "0", "-o", "json"}, 0, words, 0, 7);
        System.arraycopy(more, 0, words, 7, more.length);
        return sandbox.start(words).awaitText("\"event\":\"ready\"", Sandbox.PATIENCE);
    }

    private static int readiness(FisoctlProcess server) throws Exception {
        int port = JsonMapper.shared()
                .readTree(server.outLines().getFirst())
                .get("httpPort")
                .asInt();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static void flows(HttpStub one, HttpStub two, FisoctlProcess server) throws Exception {
        int first = one.count();
        int second = two.count();
        Eventually.until(
                Sandbox.PATIENCE,
                () -> one.count() > first + 30 && two.count() > second + 30,
                () -> "events in both pipelines" + server);
    }

    private static PipelineFile endless(String name, HttpStub stub) {
        return PipelineFile.named(name)
                .source("made-" + name, "generator-source", "{rate: 50}")
                .sink("callback-" + name, "http-sink", "{url: \"" + stub.url() + "\"}", "made-" + name);
    }

    private static Map<String, Long> processes(Sandbox sandbox) {
        return sandbox.components().stream()
                .collect(Collectors.toMap(
                        ComponentProcess::component, ComponentProcess::pid, (one, two) -> -1L, TreeMap::new));
    }
}
