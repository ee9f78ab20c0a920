// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.kafka.Connection;
import io.fiso.kafka.Sasl;
import io.fiso.kafka.Tls;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka sources of a pipeline: as a file says, or as its last run on this machine had them.
 *
 * @param pipeline the pipeline's name
 * @param sources at least one
 */
record KafkaSources(String pipeline, List<Source> sources) {
    private static final String TYPE = "kafka-source";

    /**
     * One of them.
     *
     * @param component its id
     * @param connection how it reaches its cluster
     * @param group its consumer group
     */
    record Source(String component, Connection connection, List<String> topics, String group) {}

    /** Of a pipeline file, or of a pipeline that has run. */
    static KafkaSources of(Host host, String fileOrPipeline) throws IOException {
        Path file = Path.of(fileOrPipeline);
        boolean named = fileOrPipeline.endsWith(".yaml") || fileOrPipeline.endsWith(".yml");
        return named || Files.isRegularFile(file) ? ofFile(host, file) : ofLastRun(host, fileOrPipeline);
    }

    private static KafkaSources ofFile(Host host, Path file) throws IOException {
        ResolvedPipeline pipeline =
                PipelineFile.load(host, file, Optional.empty()).pipeline();
        List<Source> sources = new ArrayList<>();
        for (ResolvedComponent component : pipeline.components()) {
            if (component.type().equals(Optional.of(TYPE))) {
                sources.add(source(pipeline.name(), component.id(), component.runtimeConfig()));
            }
        }
        return of(pipeline.name(), sources);
    }

    private static KafkaSources ofLastRun(Host host, String pipeline) throws IOException {
        Run run = new KnownRuns(host).find(pipeline);
        Path configs = Objects.requireNonNull(
                        KnownRuns.logs(host.stateHome(), run).getParent())
                .resolve("config");
        List<Source> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(configs)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith("-0.json")).sorted().toList()) {
                String name = Objects.requireNonNull(file.getFileName()).toString();
                String config = Files.readString(file);
                if (TYPE.equals(members(Format.parse(config)).get("type"))) {
                    sources.add(
                            source(run.getPipeline(), name.substring(0, name.length() - "-0.json".length()), config));
                }
            }
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    Failure.invalid(
                            "offsets.no_config",
                            "run " + run.getId() + " of \"" + run.getPipeline() + "\" left no configuration in "
                                    + configs,
                            "name the pipeline file instead"),
                    e);
        }
        return of(run.getPipeline(), sources);
    }

    private static KafkaSources of(String pipeline, List<Source> sources) {
        if (sources.isEmpty()) {
            throw new CommandException(Failure.invalid(
                    "offsets.no_kafka",
                    "pipeline \"" + pipeline + "\" has no " + TYPE,
                    "only Kafka sources have offsets; others keep their position in the pipeline's state directory"));
        }
        return new KafkaSources(pipeline, List.copyOf(sources));
    }

    /** The one with this id; without an id, the only one there is. */
    Source source(Optional<String> component) {
        List<String> ids = sources.stream().map(Source::component).toList();
        if (component.isEmpty() && sources.size() > 1) {
            throw new CommandException(Failure.invalid(
                    "offsets.which_source",
                    "pipeline \"" + pipeline + "\" has " + sources.size() + " Kafka sources: " + String.join(", ", ids),
                    "choose one with --component"));
        }
        return sources.stream()
                .filter(source -> component.isEmpty() || source.component().equals(component.get()))
                .findFirst()
                .orElseThrow(() -> new CommandException(Failure.invalid(
                        "offsets.no_such_source",
                        "pipeline \"" + pipeline + "\" has no Kafka source \"" + component.orElse("") + "\"",
                        "there is " + String.join(", ", ids))));
    }

    private static Source source(String pipeline, String component, String runtimeConfig) {
        Map<?, ?> config = members(members(Format.parse(runtimeConfig)).get("config"));
        Connection connection = Connection.of(
                config.get("brokers"), tls(config.get("tls")), sasl(config.get("sasl")), properties(config), Set.of());
        Object topics = config.get("topics");
        List<String> names = topics instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(config.get("topic")));
        String group = Objects.requireNonNullElse(text(config.get("consumerGroup")), "fiso-flow-" + pipeline);
        return new Source(component, connection, names, group);
    }

    private static Map<String, Object> properties(Map<?, ?> config) {
        Map<String, Object> properties = new java.util.HashMap<>();
        members(config.get("properties")).forEach((name, value) -> properties.put(String.valueOf(name), value));
        return properties;
    }

    private static @Nullable Tls tls(@Nullable Object written) {
        if (written == null) {
            return null;
        }
        Map<?, ?> tls = members(written);
        return new Tls(
                path(tls.get("ca")),
                path(tls.get("certificate")),
                path(tls.get("key")),
                text(tls.get("keyPassword")),
                tls.get("verifyHostname") instanceof Boolean verify ? verify : null);
    }

    private static @Nullable Sasl sasl(@Nullable Object written) {
        if (written == null) {
            return null;
        }
        Map<?, ?> sasl = members(written);
        String mechanism =
                String.valueOf(sasl.get("mechanism")).replace('-', '_').toUpperCase(Locale.ROOT);
        return new Sasl(Sasl.Mechanism.valueOf(mechanism), text(sasl.get("username")), text(sasl.get("password")));
    }

    private static @Nullable Path path(@Nullable Object value) {
        return value == null ? null : Path.of(value.toString());
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static Map<?, ?> members(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
