// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.filesink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that only grows, by whole batches: after a failed append it is cut back to where the batch began, so that the next attempt does not
 * leave half a line behind.
 */
final class AppendedFile implements AutoCloseable {
    private final FileChannel channel;
    private long length;

    private AppendedFile(FileChannel channel, long length) {
        this.channel = channel;
        this.length = length;
    }

    /** Opens the file at its end, making it and its directories if needed. A last line that was cut off by a crash is ended first. */
    static AppendedFile open(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        AppendedFile appended = new AppendedFile(channel, channel.size());
        try {
            appended.endLastLine();
            return appended;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void endLastLine() throws IOException {
        if (length == 0) {
            return;
        }
        ByteBuffer last = ByteBuffer.allocate(1);
        channel.read(last, length - 1);
        if (last.get(0) != '\n') {
            append(new byte[] {'\n'});
        }
    }

    /** Appends these bytes and returns when they are on disk. */
    void append(byte[] bytes) throws IOException {
        try {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            long at = length;
            while (rest.hasRemaining()) {
                at += channel.write(rest, at);
            }
            channel.force(false);
            length = at;
        } catch (IOException e) {
            try {
                channel.truncate(length);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** Whether it can be appended to; an interrupted write closes it. */
    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
