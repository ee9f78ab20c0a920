// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.FileLetterStore;
import io.fiso.cli.letters.StoredLetter;
import io.fiso.controlplane.ControlPlane;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.controlplane.ControlPlaneException;
import io.fiso.controlplane.Timing;
import io.fiso.driver.process.ProcessDriver;
import io.fiso.driver.process.ProcessDriverConfig;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTests;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunError;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.PartitionProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One test: a run of the pipeline with its stubs, by a control plane of its own under a directory of its own, both gone afterwards. */
final class TestRun {
    /** Runs here last a second: whoever looks once a second waits for nothing most of the time. Components whose fisoctl was killed do not stay. */
    private static final Timing TIMING = new Timing(
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofMillis(25),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));

    private static final Duration LOOK = Duration.ofMillis(20);

    private final Host host;
    private final boolean keep;
    private final AtomicReference<@Nullable ControlPlane> running = new AtomicReference<>();

    TestRun(Host host, boolean keep) {
        this.host = host;
        this.keep = keep;
    }

    /** How a test went. */
    record Outcome(Duration took, List<Finding> findings, boolean interrupted) {
        boolean passed() {
            return findings.isEmpty() && !interrupted;
        }
    }

    /** Runs it to its end, its timeout, or the first signal. */
    Outcome of(PipelineTests file, PipelineTest test, StopSignals signals) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Path directory = Files.createTempDirectory("fiso-test-");
        boolean passed = false;
        try {
            Path arrivals = Files.createDirectories(directory.resolve("arrivals"));
            StubbedPipeline stubbed =
                    new StubbedPipeline(host.fisoHome().resolve("lib").resolve("fiso-stubs.jar"), arrivals);
            ResolvedPipeline pipeline = stubbed.of(file, test);
            Outcome outcome = run(file, test, pipeline, stubbed, directory, signals, began);
            passed = outcome.passed();
            return outcome;
        } finally {
            if (keep && !passed) {
                host.terminal().err().println("kept: " + directory);
            } else {
                delete(directory);
            }
        }
    }

    /** Ends what still runs, at once. */
    void kill() {
        ControlPlane controlPlane = running.get();
        if (controlPlane != null) {
            controlPlane.close();
        }
    }

    private Outcome run(
            PipelineTests file,
            PipelineTest test,
            ResolvedPipeline pipeline,
            StubbedPipeline stubbed,
            Path directory,
            StopSignals signals,
            long began)
            throws IOException, InterruptedException {
        long deadline = began + test.timeout().toNanos();
        ProcessDriver processes =
                new ProcessDriver(ProcessDriverConfig.of(host.cacheHome().resolve("aot")));
        ControlPlaneConfig config = ControlPlaneConfig.forPipeline(
                        directory, pipeline.name(), List.of(processes), (_, _, _) -> pipeline)
                .withInMemory(true)
                .withTiming(TIMING)
                .withPorts(OptionalInt.of(0), OptionalInt.of(0));
        Run last;
        List<Finding> findings = new ArrayList<>();
        try (ControlPlane controlPlane = ControlPlane.start(config);
                ControlPlaneClient client = ControlPlaneClient.of(controlPlane)) {
            running.set(controlPlane);
            last = client.start(file.source().text(), file.source().file(), Optional.empty(), false);
            while (!RunText.isFinal(last) && System.nanoTime() < deadline && !signals.stopRequested()) {
                signals.await(LOOK);
                last = client.get(last.getId());
            }
        } catch (ControlPlaneException e) {
            throw ControlPlaneClient.failure(e);
        } finally {
            running.set(null);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (!RunText.isFinal(last) && signals.stopRequested()) {
            return new Outcome(took, List.of(), true);
        }
        if (!RunText.isFinal(last)) {
            findings.add(new Finding(
                    test.line(), "not settled after " + Durations.show(test.timeout()) + ":\n" + stuck(last)));
            return new Outcome(took, findings, false);
        }
        // In the order of causes: what did not arrive is often explained by a letter.
        findings.addAll(end(test, last));
        findings.addAll(LetterCheck.of(test, letters(directory, pipeline)));
        for (var expected : test.expect().entrySet()) {
            List<Arrived> arrived = Arrived.read(stubbed.record(expected.getKey()));
            findings.addAll(ArrivalCheck.of(expected.getKey(), expected.getValue(), arrived));
        }
        return new Outcome(took, findings, false);
    }

    private static List<StoredLetter> letters(Path directory, ResolvedPipeline pipeline) throws IOException {
        List<StoredLetter> letters = new ArrayList<>();
        Path stores =
                ControlPlaneConfig.pipelineDirectory(directory, pipeline.name()).resolve("dead-letters");
        for (FileLetterStore store : FileLetterStore.in(stores)) {
            try (store) {
                store.read(letters::add);
            }
        }
        return letters;
    }

    // --- how the run ended

    private static List<Finding> end(PipelineTest test, Run run) {
        boolean failed = run.getState() != RunState.RUN_STATE_COMPLETED;
        RunError error = run.getFirstError();
        if (test.runFails().isEmpty()) {
            return failed ? List.of(new Finding(test.line(), "the run failed: " + told(run))) : List.of();
        }
        PipelineTest.RunFailure expected = test.runFails().get();
        if (!failed) {
            return List.of(new Finding(expected.line(), "the run was expected to fail, and it completed"));
        }
        List<Finding> findings = new ArrayList<>();
        expected.component()
                .filter(component -> !component.equals(error.getComponent()))
                .ifPresent(component -> findings.add(new Finding(
                        expected.line(),
                        "the run was expected to fail on \"" + component + "\", and failed: " + told(run))));
        expected.message()
                .filter(part -> !error.getMessage().contains(part))
                .ifPresent(part -> findings.add(new Finding(
                        expected.line(),
                        "the run was expected to fail with a message with \"" + part + "\", and failed: "
                                + told(run))));
        return findings;
    }

    private static String told(Run run) {
        RunError error = run.getFirstError();
        String component = error.getComponent().isEmpty() ? "" : "\"" + error.getComponent() + "\": ";
        // The policy is the test's, not the user's.
        String message = (error.getMessage().isEmpty() ? run.getReason() : error.getMessage())
                .replace("; its restart policy is \"never\"", "");
        List<String> lastLines = RunText.components(run).stream()
                .filter(c -> c.getComponent().equals(error.getComponent()))
                .flatMap(c -> c.getLastStderrList().stream())
                .toList();
        return component
                + message
                + (error.getCode().isEmpty() ? "" : " [" + error.getCode() + "]")
                + (lastLines.isEmpty() ? "" : "\nits last lines on stderr:\n  " + String.join("\n  ", lastLines));
    }

    /** Where events wait, and for what. */
    private static String stuck(Run run) {
        List<String> lines = new ArrayList<>();
        for (ComponentStatus c : RunText.components(run)) {
            String name = "  \"" + c.getComponent() + "\"";
            if (c.getHealth() != Health.HEALTH_HEALTHY) {
                lines.add(name + " is " + RunText.health(c) + (c.getReason().isEmpty() ? "" : ": " + c.getReason()));
                c.getLastStderrList().forEach(line -> lines.add("    " + line));
            }
            if (!c.getProgress().getHolding().isEmpty()) {
                lines.add(name + " waits: " + c.getProgress().getHolding());
            }
            for (PartitionProgress partition : c.getProgress().getPartitionsList()) {
                if (!partition.getHeldBy().isEmpty()) {
                    lines.add(name + " is held by " + partition.getHeldBy());
                }
            }
            for (EdgeProgress edge : c.getProgress().getOutputsList()) {
                if (edge.getUnsettled() > 0) {
                    lines.add("  " + PipelineFile.count(edge.getUnsettled(), "event") + " not settled on "
                            + edge.getEdge());
                }
            }
        }
        return lines.isEmpty()
                ? "  the run is " + RunText.state(run) + "; no event waits anywhere"
                : String.join("\n", lines);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
