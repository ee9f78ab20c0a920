// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every component of this repository can be found by those who ask for it. */
class ShippedDescriptorsTest {
    private static final Path COMPONENTS = Path.of("..", "components");

    @Test
    void areAllReadWithoutAProblem() throws Exception {
        ComponentCatalog catalog = ComponentCatalog.load(List.of(COMPONENTS));

        assertThat(catalog.problems()).isEmpty();
        try (Stream<Path> folders = Files.list(COMPONENTS)) {
            List<String> names = folders.filter(folder -> Files.exists(folder.resolve("component.yaml")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
            assertThat(catalog.components().stream().map(Descriptor::name).sorted())
                    .containsExactlyElementsOf(names);
        }
    }
}
