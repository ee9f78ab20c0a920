// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.ProcessIdentity;
import io.fiso.driver.Status;
import io.fiso.driver.testkit.DriverContract;
import io.fiso.driver.testkit.Scripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessDriverTest extends DriverContract {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @Override
    protected Driver driver() {
        return new ProcessDriver(new ProcessDriverConfig(JAVA, Path.of("/nonexistent"), false));
    }

    @Override
    protected List<String> ownVariables() {
        return List.of("PATH", "HOME", "TZ", "LANG", "FISO_LAUNCH");
    }

    @Override
    protected List<String> identity() {
        return List.of("pid", "started");
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
    void leavesNoChildBehindNotEvenInASessionOfItsOwn() throws Exception {
        Instance instance = shell(Scripts.FORK_CHILDREN);
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
        Instance instance = shell(Scripts.LEAVE_CHILD);

        end(instance);

        long child = Long.parseLong(
                Files.readString(directory.resolve("logs/c-0.out")).strip());
        assertThat(ProcessIdentity.of(child)).isEmpty();
    }

    @Test
    void whoReplacesItsProgramIsNoStranger() throws Exception {
        Path script = Files.writeString(directory.resolve("again.sh"), """
                [ "$1" -gt 0 ] && exec /bin/sh "$0" $(($1 - 1))
                echo ready
                sleep 300
                """);
        // Each of these programs shows no environment while it comes.
        Instance instance = start(spec(command("/bin/sh", script.toString(), "1000"), Map.of(), Map.of()));

        try (Driver other = driver()) {
            do {
                assertThat(other.recover(instance.handle())).isPresent();
            } while (!Files.readString(directory.resolve("logs/c-0.out")).contains("ready"));
        }
    }

    @Test
    void saysWhichProgramIsMissing() {
        assertThatThrownBy(() -> start(command("no-such-program"), Map.of(), Map.of()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("\"no-such-program\" is not in PATH")
                .hasMessageContaining("./no-such-program");
        assertThatThrownBy(() -> start(command("./tool"), Map.of(), Map.of()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void looksForRelativeProgramsBesideThePipeline() throws Exception {
        Path tool = directory.resolve("tool");
        Files.writeString(tool, "#!/bin/sh\nexit 7\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();

        assertThat(end(start(command("./tool"), Map.of(), Map.of()))).isEqualTo(Status.Ended.exit(7));
    }

    @Test
    void aJavaComponentsFirstRunMakesTheCacheThatTheNextOneUses() throws Exception {
        Path jar = JarOfOneClass.make(directory.resolve("hello.jar"), "hello from java");
        Path cache = directory.resolve("cache");
        driver.close();
        driver = new ProcessDriver(new ProcessDriverConfig(JAVA, cache, true));

        assertThat(end(start(new LaunchSpec.Launch.Java("hello", jar, List.of(), List.of("0")), Map.of(), Map.of())))
                .isEqualTo(Status.Ended.exit(0));
        await("a cache in " + cache, () -> files(cache).stream().anyMatch(file -> file.endsWith(".aot")));
        await("nothing else in " + cache, () -> files(cache).size() == 1);

        assertThat(end(start(new LaunchSpec.Launch.Java("hello", jar, List.of(), List.of("4")), Map.of(), Map.of())))
                .isEqualTo(Status.Ended.exit(4));
        assertThat(directory.resolve("logs/c-0.out")).hasContent("hello from java\nhello from java");
        assertThat(files(cache)).hasSize(1);
    }

    @Test
    void aDamagedCacheDoesNoHarm() throws Exception {
        Path jar = JarOfOneClass.make(directory.resolve("hello.jar"), "hello from java");
        Path cache = directory.resolve("cache");
        driver.close();
        driver = new ProcessDriver(new ProcessDriverConfig(JAVA, cache, true));
        end(start(new LaunchSpec.Launch.Java("hello", jar, List.of(), List.of("0")), Map.of(), Map.of()));
        await(
                "a cache in " + cache,
                () -> files(cache).size() == 1 && files(cache).getFirst().endsWith(".aot"));
        Path damaged = cache.resolve(files(cache).getFirst());
        Files.write(damaged, java.util.Arrays.copyOf(Files.readAllBytes(damaged), 100_000));

        assertThat(end(start(new LaunchSpec.Launch.Java("hello", jar, List.of(), List.of("4")), Map.of(), Map.of())))
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
}
