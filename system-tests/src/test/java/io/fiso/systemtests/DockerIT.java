// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pipelines whose components are containers of a real engine, from images that fisoctl built. */
@Timeout(900)
@ExtendWith(Sandbox.Extension.class)
class DockerIT {
    private static final Duration BUILD_MAX = Duration.ofMinutes(12);
    private static final Duration LOAD = Duration.ofSeconds(180);
    private static final int WINDOW = 4_096;

    /** The network, with addresses that the tests know beforehand. */
    private static final String SUBNET = "10.231.7.0/24";

    private static final String GATEWAY = "10.231.7.1";

    private static PrivateDocker docker;

    @BeforeAll
    static void buildImages() throws Exception {
        docker = PrivateDocker.start();
        try (Sandbox builder = Sandbox.in(Distribution.scratch().resolve("docker-images"))) {
            builder.with("DOCKER_HOST", docker.host())
                    .start(
                            "images",
                            "build",
                            "generator-source",
                            "cel-processor",
                            "console-sink",
                            "kafka-source",
                            "http-sink",
                            "--base",
                            "scratch",
                            "--tag",
                            "it",
                            "--docker",
                            docker.program())
                    .expectExit(0, BUILD_MAX);
        }
    }

    @AfterAll
    static void end() throws Exception {
        if (docker != null) {
            docker.close();
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        String containers = docker.run("ps", "--all").ok();
        docker.removeContainers();
        docker.run("network", "rm", "fiso-network");
        assertThat(containers.lines()).as(containers).hasSize(1);
    }

    private FisoctlProcess run(Sandbox sandbox, PipelineFile file) throws Exception {
        return sandbox.with("DOCKER_HOST", docker.host()).run(file, "--driver", "docker", "--image-version", "it");
    }

    private static void makeNetwork() throws Exception {
        docker.run("network", "create", "--subnet", SUBNET, "--gateway", GATEWAY, "fiso-network")
                .ok();
    }

    private static String container(String component) throws Exception {
        return docker.run("ps", "--quiet", "--no-trunc", "--filter", "label=io.fiso.component=" + component)
                .ok();
    }

    @Test
    void runsTheQuickstartAndLeavesNothing(Sandbox sandbox) throws Exception {
        Path file = Distribution.sources().resolve("examples/pipelines/quickstart.yaml");

        FisoctlProcess run = sandbox.with("DOCKER_HOST", docker.host())
                .succeed(
                        "run",
                        file,
                        "--driver",
                        "docker",
                        "--image-version",
                        "it",
                        "--grpc-port",
                        "0",
                        "--http-port",
                        "0",
                        "-o",
                        "json");

        RunReport report = new RunReport(run.envelope().get("result"), run::toString);
        report.expectState("COMPLETED");
        assertThat(report.accepted()).isEqualTo(1000);
        assertThat(report.delivered()).isEqualTo(1000);
        assertThat(sandbox.succeed("logs", "quickstart").out()).contains("normalize");
        assertThat(docker.run("network", "ls", "--format", "{{.Name}}").ok().lines())
                .containsExactlyInAnyOrder("host", "none");
        assertThat(docker.run("volume", "ls", "--quiet").ok()).isEmpty();
        sandbox.succeed("audit", "quickstart");
    }

    @Test
    void losesNothingWhenAContainerIsKilledUnderLoad(Sandbox sandbox) throws Exception {
        makeNetwork();
        Oracle oracle = new Oracle(System.nanoTime());
        try (KafkaBroker kafka = KafkaBroker.own(sandbox, GATEWAY + ":39094");
                HttpStub stub = HttpStub.at(InetAddress.ofLiteral(GATEWAY))) {
            String topic = kafka.topic("orders", 3);
            kafka.produce(topic, oracle.issue(3_000, 100));
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(3)));
            FisoctlProcess run = run(sandbox, orders("docked", topic, stub));
            Eventually.until(LOAD, () -> stub.count() > 300, () -> "load" + run + sandbox.logs());
            String before = container("normalize");

            docker.run("kill", "--signal", "KILL", before).ok();
            int atKill = stub.count();
            assertThat(atKill).as("killed in the middle").isLessThan(oracle.count());
            Eventually.until(
                    LOAD,
                    () -> !container("normalize").isEmpty()
                            && !container("normalize").equals(before),
                    () -> "a successor" + run + sandbox.logs());
            kafka.produce(topic, oracle.issue(300, 100));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);

            oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 1, WINDOW);
            RunReport counted = sandbox.awaitReport(
                    "docked",
                    "counted",
                    Sandbox.PATIENCE,
                    now -> now.delivered() >= oracle.count() && now.inFlight() == 0);
            assertThat(counted.restarts("normalize")).isEqualTo(1);
            assertThat(counted.accepted()).isEqualTo(oracle.count());
            sandbox.succeed("audit", "docked");
            run.controlC();
            run.expectExit(0, Sandbox.PATIENCE);
        }
    }

    @Test
    void goesOnWhenTheEngineAndTheControlPlaneStartAgain(Sandbox sandbox) throws Exception {
        makeNetwork();
        Oracle oracle = new Oracle(System.nanoTime());
        try (KafkaBroker kafka = KafkaBroker.own(sandbox, GATEWAY + ":39095");
                HttpStub stub = HttpStub.at(InetAddress.ofLiteral(GATEWAY))) {
            String topic = kafka.topic("orders", 3);
            kafka.produce(topic, oracle.issue(1_500, 100));
            PipelineFile file = orders("lasting", topic, stub);
            FisoctlProcess first = run(sandbox, file);
            Eventually.until(LOAD, () -> stub.count() > 300, () -> "load" + first + sandbox.logs());
            List<String> before = containers();
            assertThat(before).hasSize(3);

            docker.restart();
            kafka.produce(topic, oracle.issue(300, 100));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            assertThat(containers()).as("the engine's restart ended nothing").isEqualTo(before);

            first.close();
            kafka.produce(topic, oracle.issue(300, 100));
            KafkaDeliveryIT.awaitArrivals(stub, oracle, sandbox);
            FisoctlProcess second = run(sandbox, file);
            RunReport report = sandbox.awaitState("lasting", "RUNNING");
            assertThat(containers()).as("taken over").isEqualTo(before);
            for (String component : List.of("orders", "normalize", "callback")) {
                assertThat(report.restarts(component)).as(component).isZero();
            }
            oracle.judge(Oracle.arrivals(stub.requests()), Set.of(), 0, 0);
            // And it still hears of their end.
            docker.run("kill", "--signal", "KILL", container("callback")).ok();
            sandbox.awaitReport("lasting", "restarted", Sandbox.PATIENCE, now -> now.restarts("callback") == 1);
            sandbox.awaitState("lasting", "RUNNING");
            second.controlC();
            second.expectExit(0, Sandbox.PATIENCE);
        }
    }

    @Test
    void saysWhichImageIsMissingAndLeavesNothing(Sandbox sandbox) throws Exception {
        PipelineFile file = PipelineFile.named("imageless")
                .source("numbers", "generator-source", "{count: 10}")
                .sink("nowhere", "null-sink", "{}", "numbers");

        FisoctlProcess run = run(sandbox, file).expectExit(1, Sandbox.PATIENCE);

        assertThat(run.err()).contains("fiso/null-sink:it", "fisoctl images build null-sink");
        assertThat(docker.run("network", "ls", "--format", "{{.Name}}").ok().lines())
                .containsExactlyInAnyOrder("host", "none");
    }

    @Test
    void tellsThatAContainerNeededMoreMemoryThanItsLimit(Sandbox sandbox) throws Exception {
        PipelineFile file = PipelineFile.named("narrow")
                .source("numbers", "generator-source", "{count: 10}")
                .sink("shown", "console-sink", "{}", "numbers")
                .of("shown", "resources: {memory: 24Mi}")
                .of("shown", "restart: {policy: never}");

        FisoctlProcess run = run(sandbox, file).expectExit(1, Sandbox.PATIENCE);

        assertThat(run.err()).contains("killed: out of memory (limit 24m)");
    }

    @Test
    void needsAnEngineAndSaysSo(Sandbox sandbox) throws Exception {
        Path nobody = sandbox.directory().resolve("nobody.sock");
        Path file = Distribution.sources().resolve("examples/pipelines/quickstart.yaml");

        FisoctlProcess run = sandbox.with("DOCKER_HOST", "unix://" + nobody)
                .end(3, "run", file, "--driver", "docker", "--grpc-port", "0", "--http-port", "0");

        assertThat(run.err()).contains("error[driver.unavailable]", nobody.toString());
    }

    private static List<String> containers() throws Exception {
        return docker.run("ps", "--quiet", "--no-trunc").ok().lines().sorted().toList();
    }

    private static PipelineFile orders(String name, String topic, HttpStub stub) {
        String port = name.equals("docked") ? "39094" : "39095";
        return PipelineFile.named(name)
                .source(
                        "orders",
                        "kafka-source",
                        "{brokers: [\"" + GATEWAY + ":" + port + "\"], topic: " + topic + ", startOffset: earliest}")
                .processor(
                        "normalize",
                        "cel-processor",
                        "{fields: {order_id: data.legacy_id, n: data.n, total: data.price * data.quantity}}",
                        "orders")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\", timeout: 3m}", "normalize");
    }
}
