// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Builds a pipeline file. Config is YAML in flow style, as one would write it on one line. */
final class PipelineFile {
    private final String name;
    private final List<String> sources = new ArrayList<>();
    private final List<String> processors = new ArrayList<>();
    private final List<String> sinks = new ArrayList<>();
    private final StringBuilder tail = new StringBuilder();

    private PipelineFile(String name) {
        this.name = name;
    }

    static PipelineFile named(String name) {
        return new PipelineFile(name);
    }

    PipelineFile source(String id, String type, String config) {
        sources.add(component(id, "type: " + type, config, ""));
        return this;
    }

    PipelineFile processor(String id, String type, String config, String... inputs) {
        processors.add(component(id, "type: " + type, config, inputs(inputs)));
        return this;
    }

    /** A processor that the user brings: {@code command: [...]}. */
    PipelineFile command(String id, String command, String... inputs) {
        processors.add(component(id, "command: " + command, "{}", inputs(inputs)));
        return this;
    }

    PipelineFile sink(String id, String type, String config, String... inputs) {
        sinks.add(component(id, "type: " + type, config, inputs(inputs)));
        return this;
    }

    /** A sink that the user brings. */
    PipelineFile commandSink(String id, String command, String config, String... inputs) {
        sinks.add(component(id, "command: " + command, config, inputs(inputs)));
        return this;
    }

    /** A source that the user brings. */
    PipelineFile commandSource(String id, String command, String config) {
        sources.add(component(id, "command: " + command, config, ""));
        return this;
    }

    /** A processor that the user brings, with a config. */
    PipelineFile commandProcessor(String id, String command, String config, String... inputs) {
        processors.add(component(id, "command: " + command, config, inputs(inputs)));
        return this;
    }

    /** A further key of a component that is there already, as {@code restart: {...}}. */
    PipelineFile of(String id, String setting) {
        for (List<String> section : List.of(sources, processors, sinks)) {
            section.replaceAll(
                    text -> text.startsWith("    - id: " + id + "\n") ? text + "      " + setting + "\n" : text);
        }
        return this;
    }

    PipelineFile limits(String config) {
        tail.append("  limits: ").append(config).append('\n');
        return this;
    }

    PipelineFile errorHandling(String config) {
        tail.append("  errorHandling: ").append(config).append('\n');
        return this;
    }

    private static String inputs(String... inputs) {
        return "\n      inputs: [" + String.join(", ", inputs) + "]";
    }

    private static String component(String id, String start, String config, String inputs) {
        return "    - id: " + id + "\n      " + start + inputs + "\n      config: " + config + "\n";
    }

    String name() {
        return name;
    }

    /** The file's text. */
    String yaml() {
        return "apiVersion: fiso.io/v1alpha1\nkind: Pipeline\nmetadata: {name: " + name + "}\nspec:\n"
                + section("sources", sources) + section("processors", processors) + section("sinks", sinks) + tail;
    }

    private static String section(String title, List<String> components) {
        return components.isEmpty() ? "" : "  " + title + ":\n" + String.join("", components);
    }

    Path write(Path directory) throws IOException {
        return Files.writeString(directory.resolve(name + ".yaml"), yaml());
    }

    /** A list in flow style, quoted. */
    static String list(String... items) {
        return Arrays.stream(items).map(item -> '"' + item + '"').collect(Collectors.joining(", ", "[", "]"));
    }
}
