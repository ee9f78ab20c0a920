// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes protobuf fields into a byte array that grows. */
final class ProtoWriter {
    static final int VARINT = 0;
    static final int DELIMITED = 2;

    private byte[] bytes;
    private int size;

    ProtoWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    void tag(int field, int wireType) {
        varint((field << 3) | wireType);
    }

    void varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    void delimited(int field, byte[] value) {
        delimited(field, value, 0, value.length);
    }

    void delimited(int field, byte[] value, int offset, int length) {
        tag(field, DELIMITED);
        varint(length);
        raw(value, offset, length);
    }

    void string(int field, String value) {
        delimited(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void raw(byte[] value, int offset, int length) {
        reserve(length);
        System.arraycopy(value, offset, bytes, size, length);
        size += length;
    }

    static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
