// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.cli.output.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFilesTest {
    @TempDir
    Path directory;

    @Test
    void findsThemBelowADirectoryWhereAPersonWouldPutThem() throws IOException {
        Path first = write("a/orders.test.yaml");
        Path second = write("b/c/orders.test.yml");
        for (String other : List.of(
                "a/orders.yaml",
                "a/.test.yaml",
                "target/x.test.yaml",
                "b/node_modules/x.test.yaml",
                ".git/x.test.yaml",
                "b/.cache/x.test.yaml")) {
            write(other);
        }

        assertThat(TestFiles.of(List.of(directory))).containsExactly(first, second);
    }

    @Test
    void takesADirectoryThatIsNamedWhateverItsName() throws IOException {
        Path file = write("target/x.test.yaml");

        assertThat(TestFiles.of(List.of(directory.resolve("target")))).containsExactly(file);
    }

    @Test
    void takesFilesAsTheyAreNamedAndEachOnce() throws IOException {
        Path file = write("a/x.test.yaml");
        Path other = write("a/checks.yaml");

        assertThat(TestFiles.of(List.of(other, file, directory))).containsExactly(other, file);
    }

    @Test
    void saysWhenThereIsNone() {
        assertThatThrownBy(() -> TestFiles.of(List.of(directory))).isInstanceOfSatisfying(CommandException.class, e -> {
            assertThat(e.failure().code()).isEqualTo("test.no_files");
            assertThat(e.failure().exit()).isEqualTo(2);
        });
    }

    private Path write(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }
}
