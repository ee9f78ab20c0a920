// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** F23: retries, circuits, windows and back-offs follow the time that is passed in, so a wall clock that jumps is not even noticed. */
class WallClockTest {
    private static final List<String> CLOCKS = List.of("currentTimeMillis", "java/time/Instant", "java/time/Clock");

    @Test
    void noWallClockIsReadInTheCore() throws Exception {
        Path classes = Path.of(DeliveryCore.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        try (Stream<Path> files = Files.list(classes.resolve("io/fiso/sdk/delivery"))) {
            List<Path> core =
                    files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(core).hasSizeGreaterThan(30);
            assertThat(core).noneMatch(WallClockTest::readsAClock);
        }
    }

    /** Names stand in a class file as plain text. */
    private static boolean readsAClock(Path file) {
        try {
            String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            return CLOCKS.stream().anyMatch(content::contains);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
