// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Whole lines of a file that grows. Rotation truncates it: when it has become shorter, it starts over. Used by one thread at a time. */
final class FileFollower {
    private static final int CHUNK_BYTES = 1 << 16;

    private final Path file;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
    private long position;

    FileFollower(Path file, long position) {
        this.file = file;
        this.position = position;
    }

    /** Hands on the lines that have been completed since the last call; how many. A file that is not there yet has none. */
    int poll(Consumer<String> lines) throws IOException {
        int count = 0;
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            if (channel.size() < position) {
                position = 0;
                rest.reset();
            }
            channel.position(position);
            for (int read = channel.read(chunk.clear()); read > 0; read = channel.read(chunk.clear())) {
                position += read;
                count += split(read, lines);
            }
        } catch (NoSuchFileException _) {
            // Not there yet.
        }
        return count;
    }

    private int split(int length, Consumer<String> lines) {
        int count = 0;
        byte[] bytes = chunk.array();
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                rest.write(bytes, start, i - start);
                lines.accept(rest.toString(StandardCharsets.UTF_8));
                rest.reset();
                start = i + 1;
                count++;
            }
        }
        rest.write(bytes, start, length - start);
        return count;
    }

    /** What is left at the end of a file whose last line has no line break. */
    void finish(Consumer<String> lines) throws IOException {
        poll(lines);
        if (rest.size() > 0) {
            lines.accept(rest.toString(StandardCharsets.UTF_8));
            rest.reset();
        }
    }
}
