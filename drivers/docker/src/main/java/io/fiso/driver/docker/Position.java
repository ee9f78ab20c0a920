// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * How far one stream of a container has been written to its file.
 *
 * @param timestamp the engine's timestamp of the last entry that was written
 * @param count how many entries with that timestamp were written; 0 if none of any was
 * @param length the file's length after that
 */
record Position(Instant timestamp, int count, long length) {
    /** Its size in a cursor file. */
    static final int BYTES = Long.BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES;

    /** Nothing written yet to a file of this length. */
    static Position start(long length) {
        return new Position(Instant.EPOCH, 0, length);
    }

    /** After one more entry. */
    Position after(Instant entry, long newLength) {
        return new Position(entry, entry.equals(timestamp) ? count + 1 : 1, newLength);
    }

    /** In a file of another length, since it was rotated. */
    Position inFileOf(long newLength) {
        return new Position(timestamp, count, newLength);
    }

    ByteBuffer encoded() {
        return ByteBuffer.allocate(BYTES)
                .putLong(timestamp.getEpochSecond())
                .putInt(timestamp.getNano())
                .putInt(count)
                .putLong(length)
                .flip();
    }

    static Position decoded(ByteBuffer bytes) {
        return new Position(Instant.ofEpochSecond(bytes.getLong(), bytes.getInt()), bytes.getInt(), bytes.getLong());
    }
}
