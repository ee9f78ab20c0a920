// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The test files that were meant. */
final class TestFiles {
    private static final int DEPTH_MAX = 16;
    private static final int VISITED_MAX = 100_000;
    private static final Set<String> SKIPPED = Set.of("target", "node_modules");

    private TestFiles() {}

    /** Files as they were named; of directories the test files in them and below, in order of their names. */
    static List<Path> of(List<Path> named) throws IOException {
        Set<Path> found = new LinkedHashSet<>();
        for (Path path : named) {
            if (Files.isDirectory(path)) {
                found.addAll(below(path));
            } else {
                found.add(path);
            }
        }
        if (found.isEmpty()) {
            throw new CommandException(
                    Failure.invalid(
                            "test.no_files",
                            "there is no test file below "
                                    + String.join(
                                            ", ",
                                            named.stream().map(TestFiles::shown).toList()),
                            "write one beside the pipeline, such as orders.test.yaml for orders.yaml; docs/testing-pipelines.md shows how"));
        }
        return List.copyOf(found);
    }

    private static String shown(Path path) {
        return path.toString().isEmpty() ? "the current directory" : "\"" + path + "\"";
    }

    private static Set<Path> below(Path directory) throws IOException {
        Set<Path> found = new TreeSet<>();
        FileVisitor<Path> visitor = new SimpleFileVisitor<>() {
            private int visited;

            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                String name = String.valueOf(path.getFileName());
                boolean skipped = !path.equals(directory) && (name.startsWith(".") || SKIPPED.contains(name));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (++visited > VISITED_MAX) {
                    throw new CommandException(Failure.invalid(
                            "test.too_many_files",
                            "more than " + VISITED_MAX + " files below " + shown(directory),
                            "name the directories with tests"));
                }
                if (String.valueOf(path.getFileName()).matches(".+\\.test\\.ya?ml")) {
                    found.add(path);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) {
                // What may not be read is none of ours.
                return FileVisitResult.CONTINUE;
            }
        };
        Files.walkFileTree(directory, EnumSet.noneOf(java.nio.file.FileVisitOption.class), DEPTH_MAX, visitor);
        return found;
    }
}
