// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Style;
import io.fiso.cli.output.Terminal;
import io.fiso.controlplane.ControlPlane;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.driver.process.ProcessDriver;
import io.fiso.driver.process.ProcessDriverConfig;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What an AOT cache is made from: a run through what most commands do, in a directory of its own. */
final class AotWorkout {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String PIPELINE = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: workout}
            spec:
              sources:
                - {id: a, command: [sleep, "30"]}
              processors:
                - {id: b, type: cel-processor, inputs: [a], config: {fields: {x: data.y * 2}}}
              sinks:
                - {id: c, command: [sleep, "30"], inputs: [b]}
            """;

    private AotWorkout() {}

    /** Runs it. */
    static void run() {
        Thread.ofPlatform().daemon().start(AotWorkout::endWhenStuck);
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(nowhere, nowhere, false, 100, Style.PLAIN);
        try {
            Path directory = Files.createTempDirectory("fiso-workout");
            try {
                Map<String, String> variables = new HashMap<>(System.getenv());
                variables.put("FISO_STATE_HOME", directory.resolve("state").toString());
                variables.put("XDG_CACHE_HOME", directory.resolve("cache").toString());
                exercise(new Host(variables, terminal), directory);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void exercise(Host host, Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("workout.yaml"), PIPELINE);
        for (String format : List.of("text", "json", "yaml")) {
            Fisoctl.execute(host, "version", "-o", format);
        }
        Fisoctl.execute(host, "--help");
        Fisoctl.execute(host, "validate", file.toString());
        Fisoctl.execute(host, "components", "list");
        Fisoctl.execute(host, "transform", "test", "--flow", file.toString(), "--input", "{\"y\": 21}");
        PipelineFile loaded = PipelineFile.load(host, file, Optional.empty());
        ProcessDriver driver = new ProcessDriver(new ProcessDriverConfig(Path.of("/bin/false"), directory, false));
        ControlPlaneConfig config = ControlPlaneConfig.forPipeline(
                        host.stateHome(), loaded.pipeline().name(), List.of(driver), (_, _, _) -> loaded.pipeline())
                .withPorts(OptionalInt.of(0), OptionalInt.of(0));
        try (ControlPlane controlPlane = ControlPlane.start(config);
                ControlPlaneClient client = ControlPlaneClient.of(controlPlane)) {
            Narrator narrator = new Narrator(host.terminal(), io.fiso.cli.output.Format.text, System.nanoTime());
            narrator.begin(loaded.pipeline(), loaded.problems());
            Run run = client.start(PIPELINE, file.toString(), Optional.empty(), false);
            client.list(ListRunsRequest.getDefaultInstance());
            client.stop(run.getId(), Optional.empty(), true);
            for (Iterator<Run> states = client.watch(run.getId(), Duration.ofMillis(50)); states.hasNext(); ) {
                Run state = states.next();
                narrator.update(state);
                RunText.counts(state, host.terminal());
            }
        } catch (CommandException _) {
            // What was loaded until here is worth keeping.
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static void endWhenStuck() {
        try {
            Thread.sleep(PATIENCE);
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException _) {
            // It ended in time.
        }
    }
}
