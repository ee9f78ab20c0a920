// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * Caches of loaded and linked classes, so that a component's JVM starts with less than half the work. One per JVM, flags and class path; whatever changes
 * makes another. Nothing depends on them: without a cache, or with one that the JVM refuses, a component just starts slower.
 *
 * <p>A first run only writes the names of the classes it loads, which costs nothing that can be measured, slows no exit, and is as good after a
 * kill. When it has ended, a process of low priority makes the cache from that list, and moves it to its place in one step. The other way, a recording run
 * (JEP 514), makes that run start a third slower and delays its exit; the caches it makes save no more (0.41 s of processor time for a start
 * with gRPC either way, 1.0 s without).
 */
final class AotCaches {
    private static final System.Logger LOG = System.getLogger(AotCaches.class.getName());
    private static final Duration ABANDONED_AFTER = Duration.ofMinutes(5);

    /** Positional parameters, so that no path is ever read as shell. */
    private static final String MAKE = """
            unfinished="$1" cache="$2" list="$3" lock="$4"; shift 4
            "$@" && mv "$unfinished" "$cache"
            rm -f "$unfinished" "$list" "$lock"
            """;

    private final ProcessDriverConfig config;

    private final CacheUpkeep upkeep;

    AotCaches(ProcessDriverConfig config) {
        this.config = config;
        this.upkeep = new CacheUpkeep(config.cacheDirectory());
    }

    /**
     * How one start takes part.
     *
     * @param flags what to add to the JVM's
     * @param afterEnd to be run when the instance has ended
     */
    record Part(List<String> flags, Runnable afterEnd) {
        static final Part NONE = new Part(List.of(), () -> {});
    }

    Part part(Path jar, List<String> jvmFlags) {
        if (!config.aotCaches()) {
            return Part.NONE;
        }
        try {
            Path directory = Files.createDirectories(config.cacheDirectory());
            String name = name(jar, jvmFlags);
            Path cache = directory.resolve(name + ".aot");
            if (Files.isReadable(cache)) {
                upkeep.used(cache);
                return new Part(List.of("-XX:SharedArchiveFile=" + cache), () -> {});
            }
            Path list = directory.resolve(name + "." + UUID.randomUUID() + ".classes");
            return new Part(
                    List.of("-XX:DumpLoadedClassList=" + list),
                    () -> make(jar, List.copyOf(jvmFlags), cache, list, directory.resolve(name + ".making")));
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "no AOT cache jar=" + jar, e);
            return Part.NONE;
        }
    }

    private String name(Path jar, List<String> jvmFlags) throws IOException {
        MessageDigest digest = sha256();
        List<Path> files = new ArrayList<>(List.of(config.java().toRealPath()));
        files.addAll(ClassPath.of(jar));
        for (Path file : files) {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            String line = file + " " + attributes.size() + " "
                    + attributes.lastModifiedTime().toMillis() + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        digest.update(String.join("\n", jvmFlags).getBytes(StandardCharsets.UTF_8));
        String hash = HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        return jar.getFileName().toString().replaceFirst("\\.jar$", "") + "-" + hash;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void make(Path jar, List<String> jvmFlags, Path cache, Path list, Path lock) {
        try {
            if (!Files.exists(list)) {
                return;
            }
            upkeep.tidy(Instant.now());
            if (Files.exists(cache) || !take(lock)) {
                Files.delete(list);
                return;
            }
            Path unfinished = cache.resolveSibling(cache.getFileName() + ".tmp");
            List<String> command =
                    new ArrayList<>(List.of("/usr/bin/setsid", "nice", "-n", "19", "sh", "-c", MAKE, "sh"));
            command.addAll(List.of(unfinished.toString(), cache.toString(), list.toString(), lock.toString()));
            command.add(config.java().toString());
            command.addAll(jvmFlags);
            command.addAll(List.of(
                    "-Xlog:disable",
                    "-Xshare:dump",
                    "-XX:+AOTClassLinking",
                    "-XX:SharedClassListFile=" + list,
                    "-XX:SharedArchiveFile=" + unfinished,
                    "-cp",
                    jar.toAbsolutePath().toString()));
            File nothing = new File("/dev/null");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(config.cacheDirectory().toFile())
                    .redirectInput(nothing)
                    .redirectOutput(nothing)
                    .redirectError(nothing);
            builder.start();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "AOT cache not made jar=" + jar, e);
        }
    }

    /** One at a time; a lock that a crash left behind is broken. */
    private static boolean take(Path lock) throws IOException {
        if (Files.exists(lock)
                && Files.getLastModifiedTime(lock)
                        .toInstant()
                        .isBefore(Instant.now().minus(ABANDONED_AFTER))) {
            Files.deleteIfExists(lock);
        }
        try {
            Files.createFile(lock);
            return true;
        } catch (java.nio.file.FileAlreadyExistsException _) {
            return false;
        }
    }
}
