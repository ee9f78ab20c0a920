// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Makes the AOT cache that bin/fisoctl missed, in a process of its own behind the user's back: the next start is faster, this one not slower.
 * Whatever goes wrong here is no one's concern; the next use tries again.
 */
final class AotTraining {
    /** Where bin/fisoctl would like to find a cache. */
    private static final String WANTED = "fiso.aot.wanted";

    private static final Duration ABANDONED_AFTER = Duration.ofMinutes(5);
    /** Of all distributions and JVMs together. */
    static final int KEPT = 4;

    private AotTraining() {}

    static void trainInBackgroundIfWanted(int exit) {
        String wanted = System.getProperty(WANTED);
        if (wanted == null || exit != 0) {
            return;
        }
        Path cache = Path.of(wanted);
        Path lock = cache.resolveSibling(cache.getFileName() + ".making");
        try {
            Files.createDirectories(cache.getParent());
            removeAbandoned(lock);
            Files.createFile(lock);
            if (Files.exists(cache)) {
                // Another was faster, while this command ran.
                Files.delete(lock);
                return;
            }
            start(cache, lock);
        } catch (IOException _) {
            // Another is at it, or there is no place for a cache.
        }
    }

    private static void removeAbandoned(Path lock) throws IOException {
        if (Files.exists(lock)) {
            FileTime made = Files.getLastModifiedTime(lock);
            if (made.toInstant().isBefore(Instant.now().minus(ABANDONED_AFTER))) {
                Files.delete(lock);
            }
        }
    }

    private static void start(Path cache, Path lock) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = command(java, Path.of(System.getProperty("fiso.home", ".")), cache, lock);
        File nothing = new File("/dev/null");
        try {
            new ProcessBuilder(command)
                    .redirectInput(nothing)
                    .redirectOutput(nothing)
                    .redirectError(nothing)
                    .start();
        } catch (IOException e) {
            Files.deleteIfExists(lock);
            throw e;
        }
    }

    /** Makes the cache, moves it to its place in one step, and removes those of earlier distributions but for the few that were used last. */
    static List<String> command(Path java, Path home, Path cache, Path lock) {
        Path unfinished = cache.resolveSibling(cache.getFileName() + ".tmp");
        // Positional parameters, so that no path is ever read as shell.
        String script = """
                "$1" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -Xlog:disable --sun-misc-unsafe-memory-access=allow \
                -Dfiso.home="$5" -Dfiso.aot.workout=true -XX:AOTCacheOutput="$2" -jar "$6" && mv "$2" "$3"
                rm -f "$2" "$4"
                find "${3%/*}" -maxdepth 1 -name 'fisoctl-*.aot' -atime +7 -delete
                ls -tu "${3%/*}"/fisoctl-*.aot | tail -n "+$(($7 + 1))" | while IFS= read -r old; do rm -f "$old"; done
                """;
        return List.of(
                "setsid",
                "nice",
                "-n",
                "10",
                "sh",
                "-c",
                script,
                "sh",
                java.toString(),
                unfinished.toString(),
                cache.toString(),
                lock.toString(),
                home.toString(),
                home.resolve("lib/fiso-cli.jar").toString(),
                Integer.toString(KEPT));
    }
}
