// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The components there are.
 *
 * @param components by name
 * @param problems descriptors that could not be used, and why; the others work
 */
public record ComponentCatalog(List<Descriptor> components, List<Problem> problems) {
    public ComponentCatalog {
        components = List.copyOf(components);
        problems = List.copyOf(problems);
    }

    /** Reads {@code <directory>/<name>/component.yaml} of each directory that exists, or {@code <directory>/component.yaml}; of two with one name the first wins. */
    public static ComponentCatalog load(List<Path> directories) {
        var found = new TreeMap<String, Descriptor>();
        var problems = new ArrayList<Problem>();
        for (var directory : directories) {
            for (var file : descriptors(directory)) {
                var reading = DescriptorReader.read(file);
                problems.addAll(reading.problems());
                reading.descriptor().ifPresent(d -> found.putIfAbsent(d.name(), d));
            }
        }
        return new ComponentCatalog(List.copyOf(found.values()), problems);
    }

    /** {@code $FISO_HOME/components} and the directories of {@code FISO_COMPONENT_PATH}. */
    public static ComponentCatalog load(Environment environment) {
        var directories = new ArrayList<Path>();
        environment.variable("FISO_HOME").ifPresent(home -> directories.add(Path.of(home, "components")));
        environment.variable("FISO_COMPONENT_PATH").stream()
                .flatMap(path -> Arrays.stream(path.split(File.pathSeparator)))
                .filter(directory -> !directory.isBlank())
                .forEach(directory -> directories.add(Path.of(directory)));
        return load(directories);
    }

    private static List<Path> descriptors(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var children = Files.list(directory)) {
            var files = new ArrayList<>(children.map(c -> c.resolve("component.yaml"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList());
            if (Files.isRegularFile(directory.resolve("component.yaml"))) {
                files.addFirst(directory.resolve("component.yaml"));
            }
            return files;
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** The component of this name or, if {@code kind} has one, alias. */
    public Optional<Descriptor> find(String nameOrAlias, ResolvedComponent.Kind kind) {
        return components.stream()
                .filter(d -> d.name().equals(nameOrAlias))
                .findFirst()
                .or(() -> components.stream()
                        .filter(d -> d.kind() == kind && d.aliases().contains(nameOrAlias))
                        .findFirst());
    }
}
