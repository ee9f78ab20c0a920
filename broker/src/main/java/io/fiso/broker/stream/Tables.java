// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The tables of a stream, and the forms of their keys. */
final class Tables {
    private Tables() {}

    /** Segments, under {@link #segmentKey}. */
    static String segments(long stream) {
        return "stream/" + stream + "/segments";
    }

    /** Blocks of one segment, under {@link #offsetKey} of each one's first record. */
    static String blocks(PartitionId partition, long segmentFirst) {
        return "stream/" + partition.stream() + "/" + partition.number() + "/" + segmentFirst;
    }

    /** Consumer groups, under their names. */
    static String groups(long stream) {
        return "stream/" + stream + "/groups";
    }

    /** Committed offsets, under {@link #committedKey}. */
    static String committed(long stream) {
        return "stream/" + stream + "/committed";
    }

    static byte[] offsetKey(long offset) {
        return ByteBuffer.allocate(Long.BYTES).putLong(offset).array();
    }

    static long offset(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    static byte[] segmentKey(int partition, long first) {
        return ByteBuffer.allocate(Short.BYTES + Long.BYTES)
                .putShort((short) partition)
                .putLong(first)
                .array();
    }

    static byte[] groupKey(String group) {
        return group.getBytes(StandardCharsets.UTF_8);
    }

    /** A group's name has no byte 0, so the keys of one group are together. */
    static byte[] committedKey(String group, int partition) {
        byte[] name = groupKey(group);
        return ByteBuffer.allocate(name.length + 1 + Short.BYTES)
                .put(name)
                .put((byte) 0)
                .putShort((short) partition)
                .array();
    }
}
