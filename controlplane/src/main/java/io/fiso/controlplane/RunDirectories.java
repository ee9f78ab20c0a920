// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What runs leave behind under {@code runs/}: logs, output, configs. The newest stay, by their names, which begin with the time. */
final class RunDirectories {
    private static final System.Logger LOG = System.getLogger(RunDirectories.class.getName());

    private final Path directory;

    /** @param pipelineDirectory the pipeline's directory */
    RunDirectories(Path pipelineDirectory) {
        this.directory = pipelineDirectory.resolve("runs");
    }

    /** Removes all but the newest. */
    void keep(int newest) {
        for (Path old : runs().stream().skip(newest).toList()) {
            try {
                remove(old);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "directory of an old run not removed directory=" + old, e);
            }
        }
    }

    private List<Path> runs() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> runs = Files.list(directory)) {
            return runs.filter(Files::isDirectory)
                    .sorted(Comparator.comparing((Path run) -> run.getFileName().toString())
                            .reversed())
                    .toList();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "directories of old runs not listed directory=" + directory, e);
            return List.of();
        }
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
