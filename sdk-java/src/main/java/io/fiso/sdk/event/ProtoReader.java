// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import java.nio.charset.StandardCharsets;

/** Walks over the fields of one protobuf message in a slice, without copying. */
final class ProtoReader {
    private final byte[] bytes;
    private final int end;
    private int at;
    private int tag;

    ProtoReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    /** Moves to the next field; false at the end. The value of the field must then be read or skipped. */
    boolean next() {
        if (at >= end) {
            return false;
        }
        long value = varint();
        if (value >>> 3 == 0 || value > 0xFFFFFFFFL) {
            throw malformed("an impossible field number");
        }
        tag = (int) value;
        return true;
    }

    int field() {
        return tag >>> 3;
    }

    int wireType() {
        return tag & 7;
    }

    int position() {
        return at;
    }

    /** Whether the current field is this one, length-delimited. */
    boolean is(int field) {
        return tag == ((field << 3) | ProtoWriter.DELIMITED);
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw malformed("a number that is cut off");
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number longer than ten bytes");
    }

    /** Reads the length of a delimited value and stands behind the value; its slice is position() - length. */
    int delimited() {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw malformed("a value of " + length + " bytes where " + (end - at) + " are left");
        }
        at += (int) length;
        return (int) length;
    }

    void skip() {
        switch (wireType()) {
            case ProtoWriter.VARINT -> varint();
            case 1 -> advance(8);
            case ProtoWriter.DELIMITED -> delimited();
            case 5 -> advance(4);
            default -> throw malformed("wire type " + wireType());
        }
    }

    String string() {
        int length = delimited();
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    private void advance(int count) {
        if (count > end - at) {
            throw malformed("a fixed-size value that is cut off");
        }
        at += count;
    }

    private MalformedEventException malformed(String found) {
        return new MalformedEventException("not a CloudEvent protobuf message: " + found + " at byte " + at);
    }
}
