// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A piece of the log as it is in a file: a head of {@value #HEAD} bytes, and the piece. The checksum covers the piece, its address and the rest of the
 * head, so that a piece which is torn, flipped or in the wrong place is known by itself.
 *
 * @param address where in the log the piece begins
 * @param durable up to where the log was known to be on the disk when this was written
 * @param length of the piece, in bytes
 */
record Frame(long address, long durable, int length) {
    static final int HEAD = 32;
    static final int MAGIC = 0x46_69_73_6F;

    int size() {
        return HEAD + length;
    }

    /** Writes the frame at the buffer's position. */
    static void write(ByteBuffer into, long address, long durable, byte[] piece) {
        int start = into.position();
        into.putInt(MAGIC)
                .putInt(piece.length)
                .putLong(address)
                .putLong(durable)
                .putInt(0);
        int checksumAt = into.position();
        into.putInt(0).put(piece);
        into.putInt(checksumAt, checksum(into.array(), start, piece.length));
    }

    /** Null if what is at this offset is no frame, or not whole. */
    static @Nullable Frame read(byte[] bytes, int offset, int limit) {
        if (limit - offset < HEAD) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int length = buffer.getInt(offset + 4);
        if (buffer.getInt(offset) != MAGIC || length < 0 || length > limit - offset - HEAD) {
            return null;
        }
        if (buffer.getInt(offset + 28) != checksum(bytes, offset, length)) {
            return null;
        }
        return new Frame(buffer.getLong(offset + 8), buffer.getLong(offset + 16), length);
    }

    private static int checksum(byte[] bytes, int start, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, start, HEAD - 4);
        checksum.update(bytes, start + HEAD, length);
        return (int) checksum.getValue();
    }
}
