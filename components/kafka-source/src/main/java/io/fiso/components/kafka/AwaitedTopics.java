// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** Remembers topics that did not exist when this component first looked, over a crash before the first commit. */
final class AwaitedTopics {
    private final Path file;

    private AwaitedTopics(Path file) {
        this.file = file;
    }

    static AwaitedTopics in(Path directory) {
        return new AwaitedTopics(directory.resolve("awaited-topics"));
    }

    Set<String> read() throws IOException {
        return Files.exists(file) ? Set.copyOf(Files.readAllLines(file)) : Set.of();
    }

    void add(Collection<String> topics) throws IOException {
        Set<String> all = new TreeSet<>(read());
        all.addAll(topics);
        Files.createDirectories(file.getParent());
        Path fresh = file.resolveSibling("awaited-topics.new");
        Files.write(fresh, all);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
