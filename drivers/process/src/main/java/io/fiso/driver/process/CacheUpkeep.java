// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps a directory of caches from growing for ever. A cache's modification time is when it was used last. One that nobody has used for a month goes, and one
 * of a jar that has been built anew since, after a day; so do the remains of what was never finished. Of each jar the few that were used last stay, however
 * often it is built in a day: those of the distribution that runs are among them.
 */
final class CacheUpkeep {
    private static final System.Logger LOG = System.getLogger(CacheUpkeep.class.getName());
    private static final Duration UNUSED_MAX = Duration.ofDays(30);
    private static final Duration SUPERSEDED_MAX = Duration.ofDays(1);
    /** Of one jar: a cache for each state of the class path and each set of flags. Beside these, one is being made. */
    static final int KEPT_PER_JAR = 4;

    private static final String CACHE = ".aot";

    private final Path directory;

    CacheUpkeep(Path directory) {
        this.directory = directory;
    }

    /** Notes that a cache is used. */
    void used(Path cache) {
        try {
            Files.setLastModifiedTime(cache, FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cache not touched file=" + cache, e);
        }
    }

    /** Removes what is of no use any more. */
    void tidy(Instant now) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                if (stale(file, all, now)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "caches not tidied directory=" + directory, e);
        }
    }

    private static boolean stale(Path file, List<Path> all, Instant now) throws IOException {
        Duration unused = Duration.between(lastUse(file), now);
        boolean cache = file.toString().endsWith(CACHE);
        long newer =
                cache ? all.stream().filter(other -> supersedes(other, file)).count() : 0;
        if (newer >= KEPT_PER_JAR) {
            return true;
        }
        if (unused.compareTo(SUPERSEDED_MAX) < 0) {
            return false;
        }
        return !cache || unused.compareTo(UNUSED_MAX) > 0 || newer > 0;
    }

    /** Of the same jar by name, and used since. */
    private static boolean supersedes(Path other, Path cache) {
        try {
            return other.toString().endsWith(CACHE)
                    && jar(other).equals(jar(cache))
                    && lastUse(other).isAfter(lastUse(cache));
        } catch (IOException _) {
            return false;
        }
    }

    /** A cache is named after its jar and a hash: {@code fiso-cel-processor-0123456789abcdef.aot}. */
    private static String jar(Path cache) {
        String name = cache.getFileName().toString();
        return name.substring(0, Math.max(0, name.lastIndexOf('-')));
    }

    private static Instant lastUse(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException _) {
            return Instant.MAX;
        }
    }
}
