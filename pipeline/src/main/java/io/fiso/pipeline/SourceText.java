// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A document and where it came from.
 *
 * @param file its name in messages
 * @param text its content
 * @param directory what relative paths of commands in it start from
 */
public record SourceText(String file, String text, Path directory) {
    /** No pipeline is longer; what is, is something else. */
    public static final int MAX_BYTES = 1 << 20;

    /** A document whose relative paths start from where its file is. */
    public static SourceText of(String file, String text) {
        var parent = Path.of(file).toAbsolutePath().getParent();
        return new SourceText(file, text, parent == null ? Path.of("").toAbsolutePath() : parent);
    }

    /** Reads a file, at most a little over {@link #MAX_BYTES} of it. Bytes that are not UTF-8 become U+FFFD, which the compiler reports with their place. */
    public static SourceText read(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return of(file.toString(), new String(in.readNBytes(MAX_BYTES + 1), StandardCharsets.UTF_8));
        }
    }
}
