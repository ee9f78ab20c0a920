// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The Java of the images: the one that fisoctl runs on, cut down by jlink to the modules that are listed.
 *
 * @param home where it lies
 */
record TrimmedJava(Path home) {
    private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/\\S+) \\(0x[0-9a-f]+\\)");

    /**
     * Makes it.
     *
     * @param modules a file of names, one a line, with comments
     * @param home a directory that does not exist yet
     */
    static TrimmedJava make(Path modules, Path home) throws IOException, InterruptedException {
        Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
        if (!Files.isExecutable(jlink)) {
            throw new CommandException(Failure.environment(
                    "images.no_jlink",
                    "\"" + jlink + "\" is missing: the Java that fisoctl runs on is no full JDK",
                    "let FISO_JAVA_HOME name a JDK 25 with bin/jlink"));
        }
        List<String> names = Files.readAllLines(modules).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        run(List.of(
                jlink.toString(),
                "--add-modules",
                String.join(",", names),
                "--no-header-files",
                "--no-man-pages",
                "--generate-cds-archive",
                "--output",
                home.toString()));
        // For heaps beyond 32 GiB; such a component starts a little slower.
        Files.deleteIfExists(home.resolve("lib/server/classes_nocoops.jsa"));
        return new TrimmedJava(home);
    }

    Path java() {
        return home.resolve("bin/java");
    }

    /**
     * What of the system's libraries it needs, the loader among them: absolute paths.
     *
     * @throws CommandException exit code 3 on a system that has another C library than GNU's
     */
    Set<Path> systemLibraries() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ldd", java().toString()));
        try (Stream<Path> files = Files.walk(home)) {
            files.filter(file -> file.toString().endsWith(".so"))
                    .map(Path::toString)
                    .forEach(command::add);
        }
        Set<Path> found = new TreeSet<>();
        boolean gnu = false;
        for (String line : run(command)) {
            Matcher matcher = LIBRARY.matcher(line);
            if (matcher.find()) {
                Path library = Path.of(matcher.group(1)).normalize();
                gnu |= library.getFileName().toString().startsWith("ld-linux");
                if (!library.startsWith(home)) {
                    found.add(library);
                }
            }
        }
        if (!gnu) {
            throw new CommandException(Failure.environment(
                    "images.no_glibc",
                    "this machine's Java stands on no GNU C library, and the images need one",
                    "build the images on a glibc distribution (Debian, Ubuntu, Fedora …), x86-64 or AArch64"));
        }
        return found;
    }

    /** Runs it to its end, which must be success; what it said. */
    private static List<String> run(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("fiso-java", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            int code;
            try {
                code = process.waitFor();
            } finally {
                process.destroy();
            }
            List<String> lines = new String(Files.readAllBytes(said), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (code != 0) {
                throw new CommandException(Failure.failed(
                        "images.no_runtime",
                        Problem.Owner.EXTERNAL,
                        "\"" + command.getFirst() + "\" failed with exit code " + code + ":\n"
                                + String.join("\n", lines),
                        "see whether the JDK at " + System.getProperty("java.home") + " is complete"));
            }
            return lines;
        } finally {
            Files.deleteIfExists(said);
        }
    }
}
