// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Driver} and {@link Instance} promise; a driver's test extends it. Needs a POSIX shell where instances run. */
@Timeout(300)
public abstract class DriverContract {
    private static final Duration LONG = Duration.ofSeconds(120);

    /** Where instances of the test write. */
    @TempDir
    protected Path directory;

    private final List<Instance> started = new ArrayList<>();
    /** The driver under test. */
    protected Driver driver;

    /** A driver that knows nothing of others of its kind. */
    protected abstract Driver driver();

    /** The variables that its instances may have beside those they are given. */
    protected abstract List<String> ownVariables();

    /** The fields of a handle that, beside the mark, say which instance it is. */
    protected abstract List<String> identity();

    @BeforeEach
    final void makeDriver() throws Exception {
        Files.writeString(directory.resolve("config.json"), "{}");
        driver = driver();
    }

    @AfterEach
    final void endEverything() throws Exception {
        for (Instance instance : started) {
            instance.stop(Duration.ZERO);
            instance.destroy();
        }
        driver.close();
    }

    @Test
    void reportsTheExitCodeAndTheLastErrorLines() throws Exception {
        Instance instance = shell(Scripts.START_ERROR);

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
                command("/usr/bin/env"),
                Map.of("FISO_COMPONENT_ID", "c"),
                Map.of("COLOUR", "blue", "FISO_COMPONENT_ID", "x"));

        end(instance);
        List<String> lines = Files.readAllLines(directory.resolve("logs/c-0.out"));
        Map<String, String> seen = new HashMap<>();
        lines.forEach(line -> seen.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        assertThat(seen).containsEntry("COLOUR", "blue").containsEntry("FISO_COMPONENT_ID", "c");
        seen.keySet().removeAll(ownVariables());
        assertThat(seen).containsOnlyKeys("COLOUR", "FISO_COMPONENT_ID");
    }

    @Test
    void stopsInOrderWithinTheGrace() throws Exception {
        Instance instance = shell(Scripts.DRAIN);
        awaitOutput("ready");

        Status.Ended end = instance.stop(LONG);

        assertThat(end).isEqualTo(Status.Ended.exit(0));
        assertThat(Files.readString(directory.resolve("logs/c-0.out"))).contains("drained");
        assertThat(instance.inspect()).isEqualTo(end);
    }

    @Test
    void killsWhatIgnoresTheRequest() throws Exception {
        Instance instance = shell(Scripts.IGNORE_TERMINATE);
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
    void tellsEveryListenerOnceEvenAfterTheEnd() throws Exception {
        Instance instance = shell(Scripts.exit(0));
        end(instance);

        CompletableFuture<Status.Ended> late = new CompletableFuture<>();
        instance.onEnd(late::complete);

        assertThat(late.get(120, TimeUnit.SECONDS).success()).isTrue();
    }

    @Test
    void findsAgainWhatStillRuns() throws Exception {
        Instance instance = shell(Scripts.HANG);
        awaitOutput("ready");
        try (Driver other = driver()) {

            Instance found = other.recover(instance.handle()).orElseThrow();

            assertThat(found.inspect()).isEqualTo(new Status.Running());
            assertThat(found.handle()).isEqualTo(instance.handle());
            found.stop(Duration.ofSeconds(5));
            assertThat(end(instance)).isEqualTo(Status.Ended.signal(15));
        }
    }

    @Test
    void findsWhatWasStartedByItsIntentAlone() throws Exception {
        LaunchSpec spec = spec(command("/bin/sh", "-c", "setsid sleep 300 & " + Scripts.HANG), Map.of(), Map.of());
        Handle intent = driver.intent(spec);
        assertThat(driver.recover(intent)).isEmpty();
        Instance instance = start(spec);
        awaitOutput("ready");

        Instance found = driver.recover(intent).orElseThrow();

        for (String field : identity()) {
            assertThat(found.handle().field(field)).isEqualTo(instance.handle().field(field));
        }
    }

    @Test
    void neverTakesAStrangerForItsOwn() throws Exception {
        Instance instance = shell("sleep 300; exit 0");
        Instance stranger = shell(Scripts.HANG);
        awaitOutput("ready");
        Map<String, String> fields = new HashMap<>(instance.handle().fields());

        for (String field : identity()) {
            fields.put(field, stranger.handle().field(field));
            assertThat(driver.recover(
                            new Handle(driver.name(), instance.handle().version(), Map.copyOf(fields))))
                    .isEmpty();
        }

        assertThat(stranger.inspect()).isEqualTo(new Status.Running());
    }

    @Test
    void refusesHandlesThatAreNotItsOwn() {
        assertThatThrownBy(() -> driver.recover(new Handle("another", 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("another");
        assertThatThrownBy(() -> driver.recover(new Handle(driver.name(), 1, Map.of())))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("lacks the field");
    }

    @Test
    void stoppingWhatHasEndedTellsHowItEnded() throws Exception {
        Instance instance = shell(Scripts.exit(3));
        end(instance);

        assertThat(instance.stop(LONG)).isEqualTo(Status.Ended.exit(3));
        assertThat(instance.stop(Duration.ZERO)).isEqualTo(Status.Ended.exit(3));
    }

    @Test
    void aSecondStopWithLessGraceShortensTheFirst() throws Exception {
        Instance instance = shell(Scripts.IGNORE_TERMINATE);
        awaitOutput("ready");
        CompletableFuture<Status.Ended> patient = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                patient.complete(instance.stop(LONG));
            } catch (DriverException | InterruptedException e) {
                patient.completeExceptionally(e);
            }
        });

        assertThat(instance.stop(Duration.ZERO)).isEqualTo(Status.Ended.signal(9));
        assertThat(patient.get(120, TimeUnit.SECONDS)).isEqualTo(Status.Ended.signal(9));
    }

    @Test
    void nothingIsFoundOfWhatWasDestroyed() throws Exception {
        Instance instance = shell(Scripts.HANG);
        awaitOutput("ready");
        instance.stop(Duration.ZERO);

        instance.destroy();
        instance.destroy();

        assertThat(driver.recover(instance.handle())).isEmpty();
        assertThat(instance.inspect()).isEqualTo(Status.Ended.signal(9));
        assertThat(instance.stop(Duration.ZERO)).isEqualTo(Status.Ended.signal(9));
    }

    @Test
    void noticesADeathThatNobodyAskedFor() throws Exception {
        Instance instance = shell(Scripts.dieAfter(0.1, "SEGV"));

        assertThat(end(instance)).isEqualTo(Status.Ended.signal(11));
    }

    @Test
    void closingTheDriverEndsNothing() throws Exception {
        Instance instance = shell(Scripts.HANG);
        awaitOutput("ready");

        driver.close();

        assertThat(instance.inspect()).isEqualTo(new Status.Running());
    }

    /** Starts a shell script. */
    protected final Instance shell(String script) throws Exception {
        return start(command("/bin/sh", "-c", script), Map.of(), Map.of());
    }

    /** What runs a command in {@link #directory}. */
    protected LaunchSpec.Launch command(String... argv) {
        return new LaunchSpec.Launch.Command(List.of(argv), directory);
    }

    /** Starts an instance that is ended with the test. */
    protected final Instance start(LaunchSpec.Launch launch, Map<String, String> contract, Map<String, String> env)
            throws DriverException {
        return start(spec(launch, contract, env));
    }

    /** Starts an instance that is ended with the test. */
    protected final Instance start(LaunchSpec spec) throws DriverException {
        Instance instance = driver.start(spec);
        started.add(instance);
        return instance;
    }

    /** Ends and destroys this instance with the test. */
    protected final Instance ended(Instance instance) {
        started.add(instance);
        return instance;
    }

    /** What starts replica 0 of component {@code c}. */
    protected final LaunchSpec spec(LaunchSpec.Launch launch, Map<String, String> contract, Map<String, String> env) {
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
                Optional.empty(),
                new LaunchSpec.OutputFiles(directory.resolve("logs/c-0.log"), directory.resolve("logs/c-0.out")),
                LaunchSpec.Resources.UNLIMITED);
    }

    /** How it ends; waits for it. */
    protected static Status.Ended end(Instance instance) throws Exception {
        CompletableFuture<Status.Ended> end = new CompletableFuture<>();
        instance.onEnd(end::complete);
        return end.get(120, TimeUnit.SECONDS);
    }

    /** Waits until standard output has this text. */
    protected final void awaitOutput(String text) throws Exception {
        Path out = directory.resolve("logs/c-0.out");
        await("\"" + text + "\" in " + out, () -> {
            try {
                return Files.readString(out).contains(text);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /** Waits for a condition. */
    protected static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + LONG.toSeconds() + " s for " + what);
            }
            Thread.sleep(10);
        }
    }
}
