// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A small file beside the output that says how far a container's output has been written, so that the next control plane goes on at the very entry. Who
 * holds its lock is the one that writes.
 */
final class Cursor implements AutoCloseable {
    private static final int MARK_SHOWN = 12;

    private final FileChannel channel;
    private final List<Path> files;

    private Cursor(FileChannel channel, List<Path> files) {
        this.channel = channel;
        this.files = files;
    }

    /** Where the cursor of one container lies: hidden, beside its log. */
    static Path path(Path log, String mark) {
        String shown = mark.substring(0, Math.min(MARK_SHOWN, mark.length()));
        return log.resolveSibling("." + log.getFileName() + "." + shown + ".cursor");
    }

    /**
     * The cursor, made if there is none; empty while somebody else, here or in another process, has it.
     *
     * @param files the file of each stream
     */
    static Optional<Cursor> take(Path path, List<Path> files) throws IOException {
        OutputFile.create(path);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            // Another driver of this process follows it.
        } finally {
            if (!taken) {
                channel.close();
            }
        }
        if (!taken) {
            return Optional.empty();
        }
        Cursor cursor = new Cursor(channel, files);
        cursor.fill();
        return Optional.of(cursor);
    }

    private void fill() throws IOException {
        for (int stream = (int) (channel.size() / Position.BYTES); stream < files.size(); stream++) {
            Path file = files.get(stream);
            write(stream, Position.start(Files.exists(file) ? Files.size(file) : 0));
        }
    }

    Position read(int stream) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Position.BYTES);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, (long) stream * Position.BYTES + bytes.position()) < 0) {
                throw new IOException("the cursor is shorter than it was written");
            }
        }
        return Position.decoded(bytes.flip());
    }

    void write(int stream, Position position) throws IOException {
        channel.write(position.encoded(), (long) stream * Position.BYTES);
    }

    /** Gives the lock back. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
