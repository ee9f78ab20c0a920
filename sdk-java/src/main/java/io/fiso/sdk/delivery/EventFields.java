// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.nio.charset.StandardCharsets;

/** Finds single attributes in an encoded CloudEvent without decoding the rest. */
final class EventFields {
    static final int ID = 1;
    static final int TYPE = 4;

    private static final long NOWHERE = 0;

    private EventFields() {}

    /** The text of a top-level string field; empty if it is missing or the bytes are not a message. */
    static String text(byte[] buffer, int offset, int length, int field) {
        long found = find(buffer, offset, length, field);
        return new String(buffer, at(found), size(found), StandardCharsets.UTF_8);
    }

    /** Where the text of a top-level string field lies, for {@link #at} and {@link #size}; empty if it is missing or the bytes are not a message. */
    static long find(byte[] buffer, int offset, int length, int field) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            long tag = varint(buffer, at, end);
            at = afterVarint(buffer, at, end);
            switch ((int) tag & 7) {
                case 0 -> at = afterVarint(buffer, at, end);
                case 1 -> at += 8;
                case 5 -> at += 4;
                case 2 -> {
                    long size = varint(buffer, at, end);
                    at = afterVarint(buffer, at, end);
                    if (size < 0 || size > end - at) {
                        return NOWHERE;
                    }
                    if (tag >>> 3 == field) {
                        return (long) at << 32 | size;
                    }
                    at += (int) size;
                }
                default -> {
                    return NOWHERE;
                }
            }
        }
        return NOWHERE;
    }

    /** Where it begins. */
    static int at(long found) {
        return (int) (found >>> 32);
    }

    /** How many bytes it has. */
    static int size(long found) {
        return (int) found;
    }

    private static long varint(byte[] buffer, int at, int end) {
        long value = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7) {
            byte b = buffer[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return value;
    }

    private static int afterVarint(byte[] buffer, int at, int end) {
        while (at < end && buffer[at] < 0) {
            at++;
        }
        return at + 1;
    }
}
