// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The components of a pipeline with their configs: as its file says, or as its newest run has them. */
final class PipelineComponents {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PipelineComponents() {}

    /**
     * One component.
     *
     * @param document its whole config file: {@code type}, {@code config}, {@code errorHandling} …
     */
    record Component(String id, JsonNode document) {
        String type() {
            return document.path("type").asString("");
        }

        JsonNode config() {
            return document.path("config");
        }

        /** Where a source writes its dead letters, if it writes them to Kafka. */
        String deadLetterTopic(String pipeline) {
            return document.path("errorHandling").path("deadLetterTopic").asString("fiso-dlq-" + pipeline);
        }
    }

    /** @param file the pipeline's file; null to look at its newest run. Empty if there is neither */
    static List<Component> of(Host host, String pipeline, @Nullable Path file) throws IOException {
        return file == null ? ofNewestRun(host, pipeline) : ofFile(host, pipeline, file);
    }

    private static List<Component> ofFile(Host host, String pipeline, Path file) throws IOException {
        ResolvedPipeline resolved =
                PipelineFile.load(host, file, Optional.empty()).pipeline();
        if (!resolved.name().equals(pipeline)) {
            throw new CommandException(Failure.invalid(
                    "pipeline.other_name",
                    "\"" + file + "\" describes pipeline \"" + resolved.name() + "\", not \"" + pipeline + "\"",
                    "name the pipeline as its file does"));
        }
        return resolved.components().stream()
                .map(component -> new Component(component.id(), JSON.readTree(component.runtimeConfig())))
                .toList();
    }

    private static List<Component> ofNewestRun(Host host, String pipeline) throws IOException {
        List<Run> runs = new KnownRuns(host).of(pipeline);
        if (runs.isEmpty()) {
            return List.of();
        }
        Path configs = ControlPlaneConfig.pipelineDirectory(host.stateHome(), pipeline)
                .resolve("runs")
                .resolve(runs.getFirst().getId())
                .resolve("config");
        if (!Files.isDirectory(configs)) {
            return List.of();
        }
        // All replicas of a component have the same config.
        TreeMap<String, Component> components = new TreeMap<>();
        try (Stream<Path> files = Files.list(configs)) {
            for (Path config : files.toList()) {
                String name = config.getFileName().toString();
                int dash = name.lastIndexOf('-');
                if (name.endsWith(".json") && dash > 0) {
                    String id = name.substring(0, dash);
                    components.put(id, new Component(id, JSON.readTree(Files.readString(config))));
                }
            }
        }
        return List.copyOf(components.values());
    }
}
