// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads lines with their place in the file. Of a line above the limit only the beginning is kept, so that memory stays bounded whatever the file holds. */
final class LineReader {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final FileChannel file;
    private final int keptBytesMax;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private byte[] line = new byte[1024];
    private int kept;
    private long lineStart;
    private long position;

    /**
     * A line.
     *
     * @param start the offset of its first byte
     * @param length its length in bytes, without the newline
     * @param bytes its bytes, or as many of them as are kept
     * @param ended whether a newline ends it; if not, it may still be growing
     */
    record Line(long start, long length, byte[] bytes, boolean ended) {
        /** The offset of the last byte that belongs to it, its newline included. */
        long lastByte() {
            return start + length - (ended ? 0 : 1);
        }

        /** Whether there is nothing in it but white space. */
        boolean blank() {
            for (byte value : bytes) {
                if (value != ' ' && value != '\t' && value != '\r') {
                    return false;
                }
            }
            return !truncated();
        }

        /** Whether bytes are missing because it is longer than what is kept. */
        boolean truncated() {
            return bytes.length < length;
        }
    }

    LineReader(FileChannel file, long start, int keptBytesMax) {
        this.file = file;
        this.keptBytesMax = keptBytesMax;
        this.lineStart = start;
        this.position = start;
    }

    /** The next line that has ended, or null at the end of the file; what stands there so far is kept for the next call. */
    @Nullable
    Line next() throws IOException {
        while (true) {
            while (buffer.hasRemaining()) {
                byte value = buffer.get();
                position++;
                if (value == '\n') {
                    return finish(true);
                }
                keep(value);
            }
            buffer.clear();
            int read = file.read(buffer, position);
            buffer.flip();
            if (read <= 0) {
                buffer.limit(0);
                return null;
            }
        }
    }

    /** What stands at the end of the file without a newline, if anything does. */
    @Nullable
    Line unfinished() {
        return position > lineStart ? finish(false) : null;
    }

    /** How far the file was read. */
    long position() {
        return position;
    }

    private void keep(byte value) {
        if (kept >= keptBytesMax) {
            return;
        }
        if (kept == line.length) {
            line = Arrays.copyOf(line, line.length * 2);
        }
        line[kept++] = value;
    }

    private Line finish(boolean ended) {
        Line finished = new Line(lineStart, position - lineStart - (ended ? 1 : 0), Arrays.copyOf(line, kept), ended);
        lineStart = position;
        kept = 0;
        if (line.length > BUFFER_BYTES) {
            line = new byte[1024];
        }
        return finished;
    }
}
