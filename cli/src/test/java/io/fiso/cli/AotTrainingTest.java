// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotTrainingTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheNewCacheAndTheFewThatWereUsedLast() throws Exception {
        for (int hours = 1; hours <= AotTraining.KEPT + 2; hours++) {
            cache("fisoctl-" + hours + "-100.aot", Duration.ofHours(hours));
        }
        cache("fisoctl-9-100.aot", Duration.ofDays(9));
        cache("sink-1111111111111111.aot", Duration.ofDays(2));
        Path made = directory.resolve("fisoctl-0-100.aot");
        Path lock = Files.createFile(directory.resolve("fisoctl-0-100.aot.making"));

        Process process = new ProcessBuilder(AotTraining.command(java(), directory, made, lock))
                .inheritIO()
                .start();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.contains("aot")))
                    .containsExactlyInAnyOrder(
                            "fisoctl-0-100.aot",
                            "fisoctl-1-100.aot",
                            "fisoctl-2-100.aot",
                            "fisoctl-3-100.aot",
                            "sink-1111111111111111.aot");
        }
    }

    /** Does of the JVM's work only that a file comes of it. */
    private Path java() throws Exception {
        return Files.writeString(
                Files.createFile(
                        directory.resolve("java"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                """
                #!/bin/sh
                for option; do
                  case $option in -XX:AOTCacheOutput=*) echo made >"${option#*=}" ;; esac
                done
                """);
    }

    private void cache(String name, Duration unused) throws Exception {
        FileTime time = FileTime.from(Instant.now().minus(unused));
        Files.getFileAttributeView(Files.createFile(directory.resolve(name)), BasicFileAttributeView.class)
                .setTimes(time, time, null);
    }
}
