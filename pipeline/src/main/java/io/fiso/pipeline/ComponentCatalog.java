// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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

    /** Reads {@code <directory>/<name>/component.yaml} of each directory that exists; of two with one name the first wins. */
    public static ComponentCatalog load(List<Path> directories) {
        throw new UnsupportedOperationException("not here yet");
    }

    /** {@code $FISO_HOME/components} and the directories of {@code FISO_COMPONENT_PATH}. */
    public static ComponentCatalog load(Environment environment) {
        throw new UnsupportedOperationException("not here yet");
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
