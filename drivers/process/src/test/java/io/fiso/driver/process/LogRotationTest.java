// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.OutputTail;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRotationTest {
    @TempDir
    Path directory;

    @Test
    void keepsTenFilesAndTheWriterWritesOn() throws Exception {
        Path log = directory.resolve("c-0.log");
        try (LogRotation rotation = new LogRotation(4, Duration.ofHours(1));
                OutputStream writer =
                        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int round = 0; round < 12; round++) {
                writer.write("line %02d\n".formatted(round).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                rotation.rotateIfLarge(log);
            }
            writer.write("end".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            rotation.rotateIfLarge(log);
        }

        assertThat(log).hasContent("end");
        assertThat(LogRotation.rotated(log, 1)).hasContent("line 11\n");
        assertThat(LogRotation.rotated(log, 9)).hasContent("line 03\n");
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(10);
        }
    }

    @Test
    void theTailOfARotatedFileIsReadFromItsBeginning() throws Exception {
        Path log = directory.resolve("c-0.log");
        Files.writeString(log, "an old instance\n");
        OutputTail tail = OutputTail.startingAtEndOf(log);

        Files.writeString(log, "new\n");

        assertThat(tail.lines(5)).containsExactly("new");
    }
}
