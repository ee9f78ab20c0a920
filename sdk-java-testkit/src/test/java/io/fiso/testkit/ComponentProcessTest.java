// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.runtime.ComponentEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a component's process hears signals and ends, as a real process. */
@Timeout(300)
class ComponentProcessTest {
    private static final String NAME = "tiny";

    @TempDir
    private Path directory;

    private ComponentHarness harness;
    private @Nullable Process process;

    @BeforeEach
    void open() {
        harness = new ComponentHarness(directory, "tiny->nobody");
    }

    @AfterEach
    void close() {
        if (process != null) {
            process.destroyForcibly();
        }
        harness.close();
    }

    @Test
    void ignoresSigintAndDrainsOnSigterm() throws Exception {
        Process tiny = start("{}", Map.of());
        awaitMark(tiny, "running");
        int before = harness.controlPlane().heartbeats();

        signal(tiny, "INT");
        ComponentHarness.await(
                "it goes on sending heartbeats",
                () -> harness.controlPlane().heartbeats() > before + 2 || !tiny.isAlive(),
                () -> before);
        assertThat(tiny.isAlive()).as("alive after SIGINT").isTrue();
        signal(tiny, "TERM");

        assertThat(exitStatus(tiny)).isZero();
        assertThat(plainLines()).isEmpty();
        assertThat(harness.controlPlane().isRegistered(NAME)).as("registered").isFalse();
    }

    @Test
    void endsAtOnceOnASecondSigterm() throws Exception {
        Process tiny = start("{\"deaf\": true}", Map.of());
        awaitMark(tiny, "running");

        signal(tiny, "TERM");
        awaitMark(tiny, "stopping");
        assertThat(tiny.isAlive()).as("drains").isTrue();
        signal(tiny, "TERM");

        assertThat(exitStatus(tiny)).isEqualTo(143);
    }

    @Test
    void saysInOneLineWhatIsWrongWithItsConfig() throws Exception {
        Process tiny = start("{\"daef\": true}", Map.of());

        assertThat(exitStatus(tiny)).isEqualTo(2);
        assertThat(plainLines())
                .singleElement()
                .asString()
                .contains("config of 'tiny'", "config.daef: unknown key; did you mean 'deaf'?");
    }

    @Test
    void saysInOneLineWhatIsMissingInItsEnvironment() throws Exception {
        Process tiny = start("{}", Map.of("FISO_TOKEN", ""));

        assertThat(exitStatus(tiny)).isEqualTo(2);
        assertThat(plainLines()).singleElement().asString().contains("FISO_TOKEN is not set");
    }

    @Test
    void saysInOneLineThatItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Process tiny = start("{}", Map.of("FISO_LISTEN", address));

            assertThat(exitStatus(tiny)).isEqualTo(1);
            assertThat(plainLines())
                    .singleElement()
                    .asString()
                    .contains("cannot listen on " + address, "FISO_LISTEN", "in use")
                    .doesNotContain("FISO_HTTP_LISTEN");
        }
    }

    @Test
    void drainsAndLeavesWhenItIsOrphaned() throws Exception {
        harness.controlPlane().orphanGrace(Duration.ofMillis(500));
        Process tiny = start("{}", Map.of());
        awaitMark(tiny, "running");

        harness.controlPlane().close();

        assertThat(exitStatus(tiny)).isZero();
        assertThat(directory.resolve("components/tiny-0/stopping"))
                .as("it was drained")
                .exists();
    }

    private Process start(String config, Map<String, String> others) throws IOException {
        ComponentEnvironment environment = harness.environment(NAME, config, "{}");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TinySource.class.getName());
        Map<String, String> variables = builder.environment();
        variables.put("FISO_CONTROL_PLANE", environment.controlPlane());
        variables.put("FISO_COMPONENT_ID", environment.component());
        variables.put("FISO_PIPELINE", environment.pipeline());
        variables.put("FISO_RUN_ID", environment.run());
        variables.put("FISO_TOKEN", environment.token());
        variables.put("FISO_CONFIG_FILE", String.valueOf(environment.configFile()));
        variables.put("FISO_STATE_DIR", environment.stateDirectory().toString());
        variables.putAll(others);
        Process started = builder.redirectErrorStream(false)
                .redirectError(directory.resolve("stderr").toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .start();
        process = started;
        return started;
    }

    private void awaitMark(Process tiny, String what) throws InterruptedException {
        Path mark = directory.resolve("components/tiny-0").resolve(what);
        ComponentHarness.await(what, () -> Files.exists(mark) || !tiny.isAlive(), this::everyLine);
        assertThat(mark).as("stderr: %s", everyLine()).exists();
    }

    private static void signal(Process process, String name) throws Exception {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(status).as("kill -%s", name).isZero();
    }

    private int exitStatus(Process tiny) throws InterruptedException {
        assertThat(tiny.waitFor(60, TimeUnit.SECONDS))
                .as("ended; stderr: %s", everyLine())
                .isTrue();
        return tiny.exitValue();
    }

    private List<String> everyLine() {
        try {
            return Files.readAllLines(directory.resolve("stderr"));
        } catch (IOException e) {
            return List.of(Objects.toString(e.getMessage()));
        }
    }

    /** What it wrote to stderr beside its log, whose lines are JSON, and what the JVM says about itself. */
    private List<String> plainLines() {
        return everyLine().stream()
                .filter(line -> !line.startsWith("{") && !line.startsWith("WARNING: "))
                .toList();
    }
}
