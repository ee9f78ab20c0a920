// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.ProcessIdentity;
import io.fiso.driver.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessDriverTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final List<Instance> started = new java.util.ArrayList<>();
    private ProcessDriver driver = new ProcessDriver(new ProcessDriverConfig(
            Path.of(System.getProperty("java.home"), "bin", "java"), Path.of("/nonexistent"), false));

    @AfterEach
    void endEverything() throws Exception {
        for (Instance instance : started) {
            instance.stop(Duration.ZERO);
        }
        driver.close();
    }

    @Test
    void reportsTheExitCodeAndTheLastErrorLines() throws Exception {
        Instance instance = shell("echo starting >&2; echo no such topic >&2; exit 3");

        assertThat(end(instance)).isEqualTo(Status.Ended.exit(3));
        assertThat(instance.lastErrorLines(1)).containsExactly("no such topic");
        assertThat(instance.lastErrorLines(10)).containsExactly("starting", "no such topic");
    }

    @Test
    void showsOnlyTheErrorLinesOfThisInstance() throws Exception {
        end(shell("echo the first one >&2"));

        Instance second = shell("echo the second one >&2");

        end(second);
        assertThat(second.lastErrorLines(10)).containsExactly("the second one");
        assertThat(Files.readString(directory.resolve("logs/c-0.log"))).isEqualTo("the first one\nthe second one\n");
    }

    @Test
    void keepsStandardOutputApart() throws Exception {
        end(shell("echo for people; echo for operators >&2"));

        assertThat(Files.readString(directory.resolve("logs/c-0.out"))).isEqualTo("for people\n");
        assertThat(Files.readString(directory.resolve("logs/c-0.log"))).isEqualTo("for operators\n");
    }

    @Test
    void givesTheContractAndTheUsersVariablesAndNothingElse() throws Exception {
        Instance instance = start(
                List.of("/usr/bin/env"),
                Map.of("FISO_COMPONENT_ID", "c"),
                Map.of("COLOUR", "blue", "FISO_COMPONENT_ID", "x"));

        end(instance);
        List<String> lines = Files.readAllLines(directory.resolve("logs/c-0.out"));
        Map<String, String> seen = new HashMap<>();
        lines.forEach(line -> seen.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        assertThat(seen).containsEntry("COLOUR", "blue").containsEntry("FISO_COMPONENT_ID", "c");
        seen.keySet().removeAll(List.of("PATH", "HOME", "TZ", "LANG", "COLOUR", "FISO_COMPONENT_ID", "FISO_LAUNCH"));
        assertThat(seen).isEmpty();
    }

    @Test
    void leadsASessionOfItsOwn() throws Exception {
        Instance instance = shell("ps -o pid=,sid=,pgid= -p $$ || cut -d' ' -f1,6,5 /proc/$$/stat");

        end(instance);
        List<String> ids = List.of(
                Files.readString(directory.resolve("logs/c-0.out")).strip().split("\\s+"));
        assertThat(ids).hasSize(3).allMatch(ids.getFirst()::equals);
    }

    @Test
    void stopsInOrderWithinTheGrace() throws Exception {
        Instance instance = shell("trap 'echo drained; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        awaitOutput("ready");

        Status.Ended end = instance.stop(LONG);

        assertThat(end).isEqualTo(Status.Ended.exit(0));
        assertThat(Files.readString(directory.resolve("logs/c-0.out"))).contains("drained");
        assertThat(instance.inspect()).isEqualTo(end);
    }

    @Test
    void killsWhatIgnoresTheRequest() throws Exception {
        Instance instance = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        awaitOutput("ready");

        Status.Ended end = instance.stop(Duration.ofMillis(200));

        assertThat(end).isEqualTo(Status.Ended.signal(9));
        assertThat(end.describe()).isEqualTo("killed by signal 9 (SIGKILL)");
    }

    @Test
    void killsAtOnceWithoutGrace() throws Exception {
        Instance instance = shell("trap 'echo drained' TERM; echo ready; while :; do sleep 0.05; done");
        awaitOutput("ready");

        assertThat(instance.stop(Duration.ZERO)).isEqualTo(Status.Ended.signal(9));
        assertThat(Files.readString(directory.resolve("logs/c-0.out"))).doesNotContain("drained");
    }

    @Test
    void leavesNoChildBehindNotEvenInASessionOfItsOwn() throws Exception {
        Instance instance = shell("sleep 300 & echo $! ; setsid sleep 300 & sleep 0.2; echo $!; echo ready; wait");
        awaitOutput("ready");
        List<Long> children = Files.readAllLines(directory.resolve("logs/c-0.out")).stream()
                .filter(line -> !line.equals("ready"))
                .map(Long::valueOf)
                .toList();
        assertThat(children).hasSize(2).allMatch(pid -> ProcessIdentity.of(pid).isPresent());

        instance.stop(Duration.ofMillis(100));

        assertThat(children).allMatch(pid -> ProcessIdentity.of(pid).isEmpty());
    }

    @Test
    void endsTheChildrenOfWhatDiedByItself() throws Exception {
        Instance instance = shell("setsid sleep 300 & echo $!; sleep 0.2; exit 1");

        end(instance);

        long child = Long.parseLong(
                Files.readString(directory.resolve("logs/c-0.out")).strip());
        assertThat(ProcessIdentity.of(child)).isEmpty();
    }

    @Test
    void tellsEveryListenerOnceEvenAfterTheEnd() throws Exception {
        Instance instance = shell("exit 0");
        end(instance);

        CompletableFuture<Status.Ended> late = new CompletableFuture<>();
        instance.onEnd(late::complete);

        assertThat(late.get(10, TimeUnit.SECONDS).success()).isTrue();
    }

    @Test
    void findsAgainWhatStillRuns() throws Exception {
        Instance instance = shell("echo ready; exec sleep 300");
        awaitOutput("ready");
        try (ProcessDriver other =
                new ProcessDriver(new ProcessDriverConfig(Path.of("java"), Path.of("/nonexistent"), false))) {

            Instance found = other.recover(instance.handle()).orElseThrow();

            assertThat(found.inspect()).isEqualTo(new Status.Running());
            assertThat(found.handle()).isEqualTo(instance.handle());
            found.stop(Duration.ofSeconds(5));
            assertThat(end(instance)).isEqualTo(Status.Ended.signal(15));
        }
    }

    @Test
    void findsWhatWasStartedByItsIntentAlone() throws Exception {
        LaunchSpec spec = spec(
                new LaunchSpec.Launch.Command(
                        List.of("/bin/sh", "-c", "setsid sleep 300 & echo ready; exec sleep 300"), directory),
                Map.of(),
                Map.of());
        Handle intent = driver.intent(spec);
        assertThat(driver.recover(intent)).isEmpty();
        Instance instance = driver.start(spec);
        started.add(instance);
        awaitOutput("ready");

        Instance found = driver.recover(intent).orElseThrow();

        assertThat(found.handle().field("pid")).isEqualTo(instance.handle().field("pid"));
        assertThat(found.handle().field("started")).isEqualTo(instance.handle().field("started"));
    }

    @Test
    void neverTakesAStrangerForItsOwn() throws Exception {
        Instance instance = shell("exec sleep 300");
        Instance stranger = shell("echo ready; exec sleep 300");
        awaitOutput("ready");
        Map<String, String> fields = new HashMap<>(instance.handle().fields());
        fields.put("pid", stranger.handle().field("pid"));
        Handle otherStart = new Handle("process", 1, Map.copyOf(fields));
        fields.put("started", stranger.handle().field("started"));
        Handle otherMark = new Handle("process", 1, fields);

        assertThat(driver.recover(otherStart)).isEmpty();
        assertThat(driver.recover(otherMark)).isEmpty();

        assertThat(stranger.inspect()).isEqualTo(new Status.Running());
    }

    @Test
    void refusesHandlesThatAreNotItsOwn() {
        assertThatThrownBy(() -> driver.recover(new Handle("docker", 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("docker");
        assertThatThrownBy(() -> driver.recover(new Handle("process", 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("lacks the field");
    }

    @Test
    void saysWhichProgramIsMissing() {
        assertThatThrownBy(() -> start(List.of("no-such-program"), Map.of(), Map.of()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("\"no-such-program\" is not in PATH")
                .hasMessageContaining("./no-such-program");
        assertThatThrownBy(() -> start(List.of("./tool"), Map.of(), Map.of()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void looksForRelativeProgramsBesideThePipeline() throws Exception {
        Path tool = directory.resolve("tool");
        Files.writeString(tool, "#!/bin/sh\nexit 7\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();

        assertThat(end(start(List.of("./tool"), Map.of(), Map.of()))).isEqualTo(Status.Ended.exit(7));
    }

    @Test
    void aJavaComponentsFirstRunMakesTheCacheThatTheNextOneUses() throws Exception {
        Path jar = JarOfOneClass.make(directory.resolve("hello.jar"), "hello from java");
        Path cache = directory.resolve("cache");
        driver.close();
        driver = new ProcessDriver(
                new ProcessDriverConfig(Path.of(System.getProperty("java.home"), "bin", "java"), cache, true));

        assertThat(end(start(new LaunchSpec.Launch.Java(jar, List.of(), List.of("0")), Map.of(), Map.of())))
                .isEqualTo(Status.Ended.exit(0));
        await("a cache in " + cache, () -> files(cache).stream().anyMatch(file -> file.endsWith(".aot")));
        await("nothing else in " + cache, () -> files(cache).size() == 1);

        assertThat(end(start(new LaunchSpec.Launch.Java(jar, List.of(), List.of("4")), Map.of(), Map.of())))
                .isEqualTo(Status.Ended.exit(4));
        assertThat(directory.resolve("logs/c-0.out")).hasContent("hello from java\nhello from java");
        assertThat(files(cache)).hasSize(1);
    }

    @Test
    void aDamagedCacheDoesNoHarm() throws Exception {
        Path jar = JarOfOneClass.make(directory.resolve("hello.jar"), "hello from java");
        Path cache = directory.resolve("cache");
        driver.close();
        driver = new ProcessDriver(
                new ProcessDriverConfig(Path.of(System.getProperty("java.home"), "bin", "java"), cache, true));
        end(start(new LaunchSpec.Launch.Java(jar, List.of(), List.of("0")), Map.of(), Map.of()));
        await(
                "a cache in " + cache,
                () -> files(cache).size() == 1 && files(cache).getFirst().endsWith(".aot"));
        Path damaged = cache.resolve(files(cache).getFirst());
        Files.write(damaged, java.util.Arrays.copyOf(Files.readAllBytes(damaged), 100_000));

        assertThat(end(start(new LaunchSpec.Launch.Java(jar, List.of(), List.of("4")), Map.of(), Map.of())))
                .isEqualTo(Status.Ended.exit(4));
        assertThat(directory.resolve("logs/c-0.out")).hasContent("hello from java\nhello from java");
        assertThat(directory.resolve("logs/c-0.log")).isEmptyFile();
    }

    private static List<String> files(Path directory) {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Instance shell(String script) throws Exception {
        return start(List.of("/bin/sh", "-c", script), Map.of(), Map.of());
    }

    private Instance start(List<String> argv, Map<String, String> contract, Map<String, String> env)
            throws DriverException {
        return start(new LaunchSpec.Launch.Command(argv, directory), contract, env);
    }

    private Instance start(LaunchSpec.Launch launch, Map<String, String> contract, Map<String, String> env)
            throws DriverException {
        Instance instance = driver.start(spec(launch, contract, env));
        started.add(instance);
        return instance;
    }

    private LaunchSpec spec(LaunchSpec.Launch launch, Map<String, String> contract, Map<String, String> env) {
        return new LaunchSpec(
                "p",
                "r",
                "c",
                0,
                UUID.randomUUID().toString(),
                launch,
                contract,
                env,
                directory,
                directory.resolve("config.json"),
                new LaunchSpec.OutputFiles(directory.resolve("logs/c-0.log"), directory.resolve("logs/c-0.out")),
                LaunchSpec.Resources.UNLIMITED);
    }

    private static Status.Ended end(Instance instance) throws Exception {
        CompletableFuture<Status.Ended> end = new CompletableFuture<>();
        instance.onEnd(end::complete);
        return end.get(20, TimeUnit.SECONDS);
    }

    private void awaitOutput(String text) throws Exception {
        Path out = directory.resolve("logs/c-0.out");
        await("\"" + text + "\" in " + out, () -> {
            try {
                return Files.readString(out).contains(text);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + LONG.toSeconds() + " s for " + what);
            }
            Thread.sleep(10);
        }
    }
}
