// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What is being tested, and the machine it is tested on. */
final class Distribution {
    private Distribution() {}

    /** The assembled distribution. */
    static Path home() {
        Path home = Path.of(System.getProperty("fiso.dist", "../dist/target/fiso"))
                .toAbsolutePath()
                .normalize();
        if (!Files.isExecutable(home.resolve("bin/fisoctl"))) {
            throw new IllegalStateException(
                    "no distribution at " + home + "; build it (mvn verify), or name it with -Dfiso.dist=<path>");
        }
        return home;
    }

    /** The source tree, for the README and the examples. */
    static Path sources() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("README.md"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new IllegalStateException(
                        "no README.md above " + Path.of("").toAbsolutePath());
            }
        }
        return directory;
    }

    /** Where one run of the tests keeps its files. */
    static Path scratch() {
        return Path.of("target/system-tests").toAbsolutePath();
    }

    /** Skips the test with a reason if the machine lacks a program; fails it in CI, where nothing may be lacking. */
    static void require(String program) {
        boolean present = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (!present && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("CI must have the program \"" + program + "\"");
        }
        assumeTrue(present, "this machine has no program \"" + program + "\"");
    }
}
