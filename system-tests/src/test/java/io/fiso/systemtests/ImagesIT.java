// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Images as fisoctl builds them, without a registry, and containers of them in a real engine. */
@Timeout(300)
class ImagesIT {
    private static final String NULL_SINK = "fiso/null-sink:it";
    private static final String GENERATOR = "fiso/generator-source:it";

    private static final Duration BUILD_MAX = Duration.ofMinutes(10);

    private static PrivateDocker docker;
    private static Sandbox sandbox;
    private static FisoctlProcess build;

    @BeforeAll
    static void buildOnce() throws Exception {
        docker = PrivateDocker.start();
        sandbox = Sandbox.in(Distribution.scratch().resolve("images")).with("DOCKER_HOST", docker.host());
        build = sandbox.start(
                        "images",
                        "build",
                        "null-sink",
                        "generator-source",
                        "--base",
                        "scratch",
                        "--tag",
                        "it",
                        "--revision",
                        "abc123",
                        "--docker",
                        docker.program(),
                        "-o",
                        "json")
                .expectExit(0, BUILD_MAX);
    }

    @AfterAll
    static void end() throws Exception {
        try {
            if (sandbox != null) {
                sandbox.close();
            }
        } finally {
            if (docker != null) {
                docker.close();
            }
        }
    }

    @Test
    void buildsTheRuntimeAndWhatWasNamed() throws Exception {
        JsonNode result = build.envelope().get("result");

        assertThat(result.path("base").asString()).isEqualTo("scratch");
        assertThat(result.path("images").findValuesAsString("name"))
                .containsExactly("fiso/runtime:it", NULL_SINK, GENERATOR);
        JsonNode listed = sandbox.succeed("images", "list", "--docker", docker.program(), "-o", "json")
                .envelope()
                .get("result");
        assertThat(listed.path("images").findValuesAsString("name"))
                .containsExactlyInAnyOrder("fiso/runtime:it", NULL_SINK, GENERATOR);
    }

    @Test
    void saysWhatAnImageIsAndHowItIsRun() throws Exception {
        JsonNode config = JsonMapper.shared()
                .readTree(docker.run("image", "inspect", NULL_SINK).ok())
                .path(0)
                .path("Config");

        assertThat(config.path("User").asString()).isEqualTo("65532:65532");
        assertThat(config.path("StopSignal").asString()).isEqualTo("SIGTERM");
        assertThat(config.path("Healthcheck").path("Test").path(0).asString()).isEqualTo("CMD");
        JsonNode labels = config.path("Labels");
        assertThat(labels.path("org.opencontainers.image.title").asString()).isEqualTo("null-sink");
        assertThat(labels.path("org.opencontainers.image.version").asString()).isEqualTo("it");
        assertThat(labels.path("org.opencontainers.image.revision").asString()).isEqualTo("abc123");
        assertThat(labels.path("org.opencontainers.image.licenses").asString()).isEqualTo("Apache-2.0");
        assertThat(labels.path("io.fiso.component").asString()).isEqualTo("null-sink");
    }

    @Test
    void sharesTheLayersOfTheRuntime() throws Exception {
        JsonNode runtime = layers("fiso/runtime:it");

        for (String image : new String[] {NULL_SINK, GENERATOR}) {
            JsonNode own = layers(image);
            assertThat(own.size()).isGreaterThan(runtime.size());
            for (int i = 0; i < runtime.size(); i++) {
                assertThat(own.get(i)).isEqualTo(runtime.get(i));
            }
        }
    }

    @Test
    void endsWithWhatIsMissingWhereNoDriverStartedIt() throws Exception {
        PrivateDocker.Ended ended =
                docker.run("run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", GENERATOR);

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("FISO_CONTROL_PLANE is not set", "FISO_TOKEN is not set");
    }

    @Test
    void isHealthyOnAReadOnlyRootAndEndsOnTheStopSignal() throws Exception {
        String id = docker.run(
                        "run",
                        "--detach",
                        "--network",
                        "none",
                        "--read-only",
                        "--tmpfs",
                        "/tmp",
                        "--cap-drop",
                        "ALL",
                        "--security-opt",
                        "no-new-privileges",
                        "--health-interval",
                        "1s",
                        "--env",
                        "FISO_CONTROL_PLANE=127.0.0.1:1",
                        "--env",
                        "FISO_COMPONENT_ID=nowhere",
                        "--env",
                        "FISO_RUN_ID=none",
                        "--env",
                        "FISO_TOKEN=none",
                        NULL_SINK)
                .ok();

        Eventually.until(
                Sandbox.PATIENCE,
                () -> state(id, "{{.State.Health.Status}}").equals("healthy"),
                () -> "healthy, by its own health check: " + describe(id));
        docker.run("stop", "--time", "60", id).ok();

        assertThat(state(id, "{{.State.ExitCode}}")).as(() -> describe(id)).isEqualTo("0");
    }

    @Test
    void hasItsClassCacheInside() throws Exception {
        PrivateDocker.Ended ended = docker.run(
                "run",
                "--rm",
                "--network",
                "none",
                "--entrypoint",
                "/opt/java/bin/java",
                NULL_SINK,
                "@/opt/fiso/jvm.args",
                "-Xlog:class+load:stdout",
                "@/opt/fiso/component.args");

        assertThat(ended.out())
                .containsPattern("io\\.fiso\\.sdk\\.runtime\\.ComponentProcess source: shared objects file");
    }

    private static JsonNode layers(String image) throws Exception {
        return JsonMapper.shared()
                .readTree(docker.run("image", "inspect", image).ok())
                .path(0)
                .path("RootFS")
                .path("Layers");
    }

    private static String state(String container, String format) throws Exception {
        return docker.run("inspect", "--format", format, container).ok();
    }

    private static String describe(String container) {
        try {
            return state(container, "{{json .State}}")
                    + docker.run("logs", container).err();
        } catch (Exception e) {
            return e.toString();
        }
    }
}
