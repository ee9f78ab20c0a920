// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

/**
 * Where the top-level fields of an encoded CloudEvent are. As in protobuf, the last one of a kind counts; the attributes, of which there are many, lie
 * in one part of the message, among others perhaps.
 */
final class Layout {
    final int idAt;
    final int idLength;
    final int sourceAt;
    final int sourceLength;
    final int specVersionAt;
    final int specVersionLength;
    final int typeAt;
    final int typeLength;
    final int attributesAt;
    final int attributesLength;
    final int dataField;
    final int dataAt;
    final int dataLength;

    Layout(byte[] bytes, int offset, int length) {
        // No arrays: they would be garbage, of every event that is looked into.
        int idEnd = offset;
        int idSize = 0;
        int sourceEnd = offset;
        int sourceSize = 0;
        int specVersionEnd = offset;
        int specVersionSize = 0;
        int typeEnd = offset;
        int typeSize = 0;
        int attributesBegin = offset;
        int attributesEnd = offset;
        int lastData = 0;
        int dataEnd = offset;
        int dataSize = 0;
        ProtoReader fields = new ProtoReader(bytes, offset, length);
        int begin = offset;
        while (fields.next()) {
            int field = fields.field();
            if (fields.wireType() == ProtoWriter.DELIMITED) {
                int size = fields.delimited();
                int end = fields.position();
                switch (field) {
                    case WireEvent.ID -> {
                        idEnd = end;
                        idSize = size;
                    }
                    case WireEvent.SOURCE -> {
                        sourceEnd = end;
                        sourceSize = size;
                    }
                    case WireEvent.SPEC_VERSION -> {
                        specVersionEnd = end;
                        specVersionSize = size;
                    }
                    case WireEvent.TYPE -> {
                        typeEnd = end;
                        typeSize = size;
                    }
                    case WireEvent.ATTRIBUTES -> {
                        attributesBegin = attributesEnd == offset ? begin : attributesBegin;
                        attributesEnd = end;
                    }
                    case WireEvent.BINARY_DATA, WireEvent.TEXT_DATA, WireEvent.PROTO_DATA -> {
                        lastData = field;
                        dataEnd = end;
                        dataSize = size;
                    }
                    default -> {
                        // A field of a later version.
                    }
                }
            } else {
                fields.skip();
            }
            begin = fields.position();
        }
        idAt = idEnd - idSize;
        idLength = idSize;
        sourceAt = sourceEnd - sourceSize;
        sourceLength = sourceSize;
        specVersionAt = specVersionEnd - specVersionSize;
        specVersionLength = specVersionSize;
        typeAt = typeEnd - typeSize;
        typeLength = typeSize;
        attributesAt = attributesBegin;
        attributesLength = attributesEnd - attributesBegin;
        dataField = lastData;
        dataAt = dataEnd - dataSize;
        dataLength = dataSize;
    }
}
