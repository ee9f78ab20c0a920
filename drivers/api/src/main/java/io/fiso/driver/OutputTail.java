// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The end of a log file, from where one instance began to write.
 *
 * @param file the log
 * @param from its size when the instance started
 */
public record OutputTail(Path file, long from) {
    private static final int READ_MAX_BYTES = 64 * 1024;
    private static final int LINE_MAX_CHARACTERS = 2_000;

    /** The end of a file that a new instance will append to. */
    public static OutputTail startingAtEndOf(Path file) throws IOException {
        return new OutputTail(file, Files.exists(file) ? Files.size(file) : 0);
    }

    /** The last lines, oldest first. */
    public List<String> lines(int limit) {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            // Smaller than it was: rotated since, so everything in it is this instance's.
            long own = size < from ? 0 : from;
            long begin = Math.max(own, size - READ_MAX_BYTES);
            ByteBuffer buffer = ByteBuffer.allocate((int) (size - begin));
            while (buffer.hasRemaining() && channel.read(buffer, begin + buffer.position()) >= 0) {}
            List<String> lines = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8)
                    .lines()
                    // The reading began in the midst of a line.
                    .skip(begin > own ? 1 : 0)
                    .filter(line -> !line.isBlank())
                    .map(line -> line.length() > LINE_MAX_CHARACTERS ? line.substring(0, LINE_MAX_CHARACTERS) : line)
                    .toList();
            return List.copyOf(lines.subList(Math.max(0, lines.size() - limit), lines.size()));
        } catch (IOException _) {
            return List.of();
        }
    }
}
