// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFollowerTest {
    @TempDir
    Path directory;

    private final List<String> lines = new ArrayList<>();

    @Test
    void handsOnWholeLinesOnly() throws Exception {
        Path file = directory.resolve("a.out");
        FileFollower follower = new FileFollower(file, 0);
        assertThat(follower.poll(lines::add)).isZero();

        Files.writeString(file, "one\ntw");
        follower.poll(lines::add);
        assertThat(lines).containsExactly("one");

        Files.writeString(file, "o ä\nrest", StandardOpenOption.APPEND);
        follower.poll(lines::add);
        assertThat(lines).containsExactly("one", "two ä");

        follower.finish(lines::add);
        assertThat(lines).containsExactly("one", "two ä", "rest");
    }

    @Test
    void startsOverWhenTheFileWasRotated() throws Exception {
        Path file = directory.resolve("a.out");
        Files.writeString(file, "a long first line\n");
        FileFollower follower = new FileFollower(file, 0);
        follower.poll(lines::add);

        Files.writeString(file, "new\n", StandardOpenOption.TRUNCATE_EXISTING);
        follower.poll(lines::add);

        assertThat(lines).containsExactly("a long first line", "new");
    }

    @Test
    void survivesLinesLongerThanItsBuffer() throws Exception {
        Path file = directory.resolve("a.out");
        String huge = "x".repeat(200_000);
        Files.writeString(file, huge + "\nnext\n");

        new FileFollower(file, 0).poll(lines::add);

        assertThat(lines).containsExactly(huge, "next");
    }
}
