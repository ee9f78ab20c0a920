// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Status;
import io.fiso.driver.testkit.BusyboxImage;
import io.fiso.driver.testkit.DockerEngine;
import io.fiso.driver.testkit.Scripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What containers have beyond the promises of every driver, with a real engine. */
@Timeout(300)
class DockerDriverIT {
    private static final String NETWORK = "fiso-docker-it";
    private static final String IMAGE = "fiso-it/shell:1";
    private static DockerClient client;

    @TempDir
    Path directory;

    private final List<Instance> started = new ArrayList<>();
    private DockerDriver driver;

    @BeforeAll
    static void makeImage() throws Exception {
        BusyboxImage.make(IMAGE);
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(DockerEngine.host())
                .build();
        client = DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(config.getDockerHost())
                        .build());
    }

    @AfterAll
    static void leave() throws Exception {
        if (client != null) {
            client.close();
        }
    }

    @BeforeEach
    void makeDriver() throws Exception {
        Files.writeString(directory.resolve("config.json"), "{\"colour\": \"blue\"}");
        driver = newDriver();
    }

    @AfterEach
    void endEverything() throws Exception {
        for (Instance instance : started) {
            instance.stop(Duration.ZERO);
            instance.destroy();
        }
        driver.close();
    }

    private static DockerDriver newDriver() {
        return new DockerDriver(
                new DockerDriverConfig(Optional.of(DockerEngine.host()), NETWORK, "fiso-it/", "1", Optional.of(IMAGE)));
    }

    private LaunchSpec spec(LaunchSpec.Launch launch, Map<String, String> contract, LaunchSpec.Resources resources) {
        return new LaunchSpec(
                "orders",
                "r1",
                "c",
                0,
                UUID.randomUUID().toString().replace("-", ""),
                launch,
                contract,
                Map.of(),
                directory,
                directory.resolve("config.json"),
                Optional.empty(),
                new LaunchSpec.OutputFiles(directory.resolve("logs/c-0.log"), directory.resolve("logs/c-0.out")),
                resources);
    }

    private LaunchSpec.Launch shell(String script) {
        return new LaunchSpec.Launch.Command(List.of("/bin/sh", "-c", script), directory);
    }

    private Instance start(LaunchSpec spec) throws Exception {
        Instance instance = driver.start(spec);
        started.add(instance);
        return instance;
    }

    private Instance start(String script) throws Exception {
        return start(spec(shell(script), Map.of(), LaunchSpec.Resources.UNLIMITED));
    }

    private static Status.Ended end(Instance instance) throws Exception {
        CompletableFuture<Status.Ended> end = new CompletableFuture<>();
        instance.onEnd(end::complete);
        return end.get(120, TimeUnit.SECONDS);
    }

    private List<String> output() throws Exception {
        return Files.readAllLines(directory.resolve("logs/c-0.out"));
    }

    private void awaitOutput(Predicate<List<String>> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!condition.test(output())) {
            assertThat(System.nanoTime()).as("waiting, with " + output()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static int containersOf(String mark) {
        return client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(Labels.MARK, mark))
                .exec()
                .size();
    }

    @Test
    void saysThatTheMemoryLimitEndedIt() throws Exception {
        // Fills memory, not the disk: tail keeps all of a line that has no end.
        Instance instance = start(spec(
                shell("tail -n 1 /dev/zero; exit $?"),
                Map.of(),
                new LaunchSpec.Resources(Optional.of("1"), Optional.of("32m"))));

        assertThat(end(instance).describe()).isEqualTo("killed: out of memory (limit 32m)");
    }

    @Test
    void carriesItsLabelsAndIsNeverRestarted() throws Exception {
        LaunchSpec spec = spec(shell(Scripts.HANG), Map.of(), LaunchSpec.Resources.UNLIMITED);
        Instance instance = start(spec);

        var container =
                client.inspectContainerCmd(instance.handle().field("container")).exec();

        assertThat(container.getConfig().getLabels()).containsAllEntriesOf(Labels.of(spec));
        assertThat(container.getName())
                .isEqualTo("/fiso-orders-c-0-" + spec.mark().substring(0, 8));
        assertThat(container.getHostConfig().getRestartPolicy().getName()).isIn("", "no");
        assertThat(container.getHostConfig().getReadonlyRootfs()).isTrue();
        assertThat(container.getHostConfig().getSecurityOpts()).contains("no-new-privileges");
    }

    @Test
    void seesItsStateAndConfigAndCanWriteNothingElse() throws Exception {
        Map<String, String> contract = Map.of(
                "FISO_STATE_DIR", directory.toString(),
                "FISO_CONFIG_FILE", directory.resolve("config.json").toString());
        Instance instance = start(spec(
                shell(
                        "cat $FISO_CONFIG_FILE; echo; touch $FISO_STATE_DIR/kept /tmp/x && echo written; "
                                + "touch /x || echo root is read-only; echo x >> $FISO_CONFIG_FILE || echo config is read-only"),
                contract,
                LaunchSpec.Resources.UNLIMITED));

        end(instance);

        assertThat(output())
                .containsExactly("{\"colour\": \"blue\"}", "written", "root is read-only", "config is read-only");
        assertThat(directory.resolve("kept")).exists();
        assertThat(Files.readString(directory.resolve("config.json"))).isEqualTo("{\"colour\": \"blue\"}");
    }

    @Test
    void noticesThatSomebodyElseKilledIt() throws Exception {
        Instance instance = start(Scripts.HANG);
        awaitOutput(lines -> lines.contains("ready"));

        client.killContainerCmd(instance.handle().field("container")).exec();

        assertThat(end(instance)).isEqualTo(Status.Ended.signal(9));
    }

    @Test
    void noticesThatSomebodyElseRemovedIt() throws Exception {
        Instance instance = start(Scripts.HANG);
        awaitOutput(lines -> lines.contains("ready"));

        client.removeContainerCmd(instance.handle().field("container"))
                .withForce(true)
                .exec();

        assertThat(end(instance)).isIn(Status.Ended.UNKNOWN, Status.Ended.signal(9));
    }

    @Test
    void findsEachOtherByName() throws Exception {
        start(Scripts.HANG);
        awaitOutput(lines -> lines.contains("ready"));
        LaunchSpec asking = spec(
                shell("nslookup c-0.orders 2>&1 | grep -q 'Name:.*c-0.orders' && echo found"),
                Map.of(),
                LaunchSpec.Resources.UNLIMITED);

        end(start(asking));

        assertThat(output()).contains("found");
    }

    @Test
    void goesOnWithTheOutputAfterItsDriverWasClosedWithoutLossOrRepetition() throws Exception {
        Instance instance = start(Scripts.count(200, "0.02"));
        awaitOutput(lines -> lines.size() > 20);
        driver.close();
        int before = output().size();

        driver = newDriver();
        Instance found = driver.recover(instance.handle()).orElseThrow();
        started.set(0, found);
        awaitOutput(lines -> lines.contains("ready"));

        List<String> expected = new ArrayList<>(
                IntStream.rangeClosed(1, 200).mapToObj(i -> "line " + i).toList());
        expected.add("ready");
        assertThat(before).isLessThan(expected.size());
        assertThat(output()).isEqualTo(expected);
        assertThat(found.inspect()).isEqualTo(new Status.Running());
    }

    @Test
    void tellsHowItEndedWhileNobodyWasThere() throws Exception {
        Instance instance = start("echo ready; sleep 1; echo last words >&2; exit 3");
        awaitOutput(lines -> lines.contains("ready"));
        driver.close();
        assertThat(client.waitContainerCmd(instance.handle().field("container"))
                        .start()
                        .awaitStatusCode(120, TimeUnit.SECONDS))
                .isEqualTo(3);

        driver = newDriver();
        Handle handle = instance.handle();
        Instance found = driver.recover(handle).orElseThrow();

        assertThat(end(found)).isEqualTo(Status.Ended.exit(3));
        assertThat(found.lastErrorLines(5)).containsExactly("last words");
    }

    @Test
    void keepsLinesLongerThanTheEnginesEntriesWhole() throws Exception {
        Instance instance = start("head -c 50000 /dev/zero | tr '\\0' x; echo; echo end");

        end(instance);

        assertThat(output()).containsExactly("x".repeat(50_000), "end");
    }

    @Test
    void leavesNothingAfterStopAndDestroy() throws Exception {
        LaunchSpec spec = spec(shell(Scripts.FORK_CHILDREN), Map.of(), LaunchSpec.Resources.UNLIMITED);
        Instance instance = start(spec);
        awaitOutput(lines -> lines.contains("ready"));

        instance.stop(Duration.ofSeconds(20));
        instance.destroy();
        driver.close();

        assertThat(containersOf(spec.mark())).isZero();
        assertThatThrownBy(
                        () -> client.inspectNetworkCmd().withNetworkId(NETWORK).exec())
                .isInstanceOf(NotFoundException.class);
        try (var files = Files.list(directory.resolve("logs"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("c-0.log", "c-0.out");
        }
    }

    @Test
    void leavesNothingOfAStartThatFailed() throws Exception {
        LaunchSpec noImage = spec(
                new LaunchSpec.Launch.Java("no-such-sink", directory.resolve("x.jar"), List.of(), List.of()),
                Map.of(),
                LaunchSpec.Resources.UNLIMITED);
        assertThatThrownBy(() -> driver.start(noImage))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("does not have the image \"fiso-it/no-such-sink:1\"");
        Files.delete(directory.resolve("config.json"));
        LaunchSpec noConfig = spec(shell(Scripts.HANG), Map.of(), LaunchSpec.Resources.UNLIMITED);
        assertThatThrownBy(() -> driver.start(noConfig))
                .isInstanceOfSatisfying(
                        DriverException.class, e -> assertThat(e.code()).isEqualTo("driver.start_failed"))
                .hasMessageContaining("config.json");

        assertThat(containersOf(noImage.mark())).isZero();
        assertThat(containersOf(noConfig.mark())).isZero();
    }

    @Test
    void removesWhatWasMadeAndNeverStarted() throws Exception {
        LaunchSpec spec = spec(shell(Scripts.HANG), Map.of(), LaunchSpec.Resources.UNLIMITED);
        client.createContainerCmd(IMAGE)
                .withCmd("/bin/sh")
                .withLabels(Labels.of(spec))
                .exec();

        assertThat(driver.recover(driver.intent(spec))).isEmpty();

        assertThat(containersOf(spec.mark())).isZero();
    }
}
