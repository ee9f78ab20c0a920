// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheUpkeepTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    @TempDir
    Path directory;

    @Test
    void keepsWhatIsInUseAndRemovesTheRest() throws Exception {
        file("sink-1111111111111111.aot", Duration.ofDays(2));
        file("sink-2222222222222222.aot", Duration.ofHours(1));
        file("source-1111111111111111.aot", Duration.ofDays(29));
        file("gone-1111111111111111.aot", Duration.ofDays(31));
        file("cel-processor-1111111111111111.aot", Duration.ofHours(2));
        file("cel-processor-2222222222222222.aot", Duration.ofHours(1));
        file("sink-1111111111111111.abandoned.classes", Duration.ofDays(2));
        file("sink-1111111111111111.fresh.classes", Duration.ofMinutes(2));

        new CacheUpkeep(directory).tidy(NOW);

        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "sink-2222222222222222.aot",
                            "source-1111111111111111.aot",
                            "cel-processor-1111111111111111.aot",
                            "cel-processor-2222222222222222.aot",
                            "sink-1111111111111111.fresh.classes");
        }
    }

    @Test
    void keepsOfEachJarTheFewThatWereUsedLastHoweverOftenItIsBuilt() throws Exception {
        for (int build = 1; build <= CacheUpkeep.KEPT_PER_JAR + 3; build++) {
            file("sink-" + build + "111111111111111.aot", Duration.ofMinutes(10 * build));
        }
        file("source-1111111111111111.aot", Duration.ofHours(5));

        new CacheUpkeep(directory).tidy(NOW);

        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "sink-1111111111111111.aot",
                            "sink-2111111111111111.aot",
                            "sink-3111111111111111.aot",
                            "sink-4111111111111111.aot",
                            "source-1111111111111111.aot");
        }
    }

    private void file(String name, Duration unused) throws Exception {
        Files.setLastModifiedTime(Files.createFile(directory.resolve(name)), FileTime.from(NOW.minus(unused)));
    }
}
