// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Entry;
import io.fiso.proto.broker.stored.v1.StoredBlock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Records of one partition that follow each other, in one value: a {@link StoredBlock}, of which only what is asked for is parsed.
 *
 * @param first the offset of the first of them
 * @param end what its segment has up to and with it
 */
@SuppressWarnings("ArrayRecordComponent")
record Block(String table, long first, int records, LogEnd.Sums end, byte[] stored, int recordsAt) {
    /** A block is written when the next record would make it larger than this. */
    static final int BYTES_MAX = 256 * 1024;

    private static final int CHECKSUM_BYTES = 1 + Integer.BYTES;

    /** What is to be stored. */
    static byte[] encode(List<EncodedRecord> records, LogEnd.Sums end) {
        int size = CHECKSUM_BYTES
                + CodedOutputStream.computeUInt32Size(StoredBlock.RECORDS_FIELD_NUMBER, records.size())
                + CodedOutputStream.computeUInt64Size(StoredBlock.SEGMENT_BYTES_FIELD_NUMBER, end.bytes())
                + CodedOutputStream.computeUInt32Size(StoredBlock.SEGMENT_BLOCKS_FIELD_NUMBER, end.blocks())
                + CodedOutputStream.computeSInt64Size(
                        StoredBlock.SEGMENT_TIMESTAMP_MAX_MILLIS_FIELD_NUMBER, end.timestampMaxMillis())
                + CodedOutputStream.computeUInt64Size(StoredBlock.APPEND_MILLIS_FIELD_NUMBER, end.appendMillis());
        for (EncodedRecord record : records) {
            size += CodedOutputStream.computeByteArraySize(StoredBlock.RECORD_FIELD_NUMBER, record.bytes());
        }
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        byte[] stored = buffer.array();
        try {
            CodedOutputStream output = CodedOutputStream.newInstance(stored);
            output.writeFixed32(StoredBlock.CHECKSUM_FIELD_NUMBER, 0);
            output.writeUInt32(StoredBlock.RECORDS_FIELD_NUMBER, records.size());
            output.writeUInt64(StoredBlock.SEGMENT_BYTES_FIELD_NUMBER, end.bytes());
            output.writeUInt32(StoredBlock.SEGMENT_BLOCKS_FIELD_NUMBER, end.blocks());
            output.writeSInt64(StoredBlock.SEGMENT_TIMESTAMP_MAX_MILLIS_FIELD_NUMBER, end.timestampMaxMillis());
            output.writeUInt64(StoredBlock.APPEND_MILLIS_FIELD_NUMBER, end.appendMillis());
            for (EncodedRecord record : records) {
                output.writeByteArray(StoredBlock.RECORD_FIELD_NUMBER, record.bytes());
            }
            output.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.putInt(1, checksum(stored));
        return stored;
    }

    /** Reads what comes before the records. */
    static Block parse(String table, Entry entry) {
        long first = Tables.offset(entry.key());
        byte[] stored = entry.value();
        try {
            CodedInputStream input = CodedInputStream.newInstance(stored);
            expect(input, StoredBlock.CHECKSUM_FIELD_NUMBER, WireFormat.WIRETYPE_FIXED32);
            int checksum = input.readFixed32();
            if (checksum != checksum(stored)) {
                throw damaged(table, first, "its checksum is wrong", null);
            }
            expect(input, StoredBlock.RECORDS_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
            int records = input.readUInt32();
            expect(input, StoredBlock.SEGMENT_BYTES_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
            long bytes = input.readUInt64();
            expect(input, StoredBlock.SEGMENT_BLOCKS_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
            int blocks = input.readUInt32();
            expect(input, StoredBlock.SEGMENT_TIMESTAMP_MAX_MILLIS_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
            long timestampMax = input.readSInt64();
            expect(input, StoredBlock.APPEND_MILLIS_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
            LogEnd.Sums end = new LogEnd.Sums(blocks, bytes, timestampMax, input.readUInt64());
            return new Block(table, first, records, end, stored, input.getTotalBytesRead());
        } catch (IOException e) {
            throw damaged(table, first, e.toString(), e);
        }
    }

    long endOffset() {
        return first + records;
    }

    /** Visits its records from an offset on, until the visitor says no. */
    void visit(long from, Predicate<KeptRecord> visitor) {
        try {
            CodedInputStream input = UnsafeByteOperations.unsafeWrap(stored, recordsAt, stored.length - recordsAt)
                    .newCodedInput();
            input.enableAliasing(true);
            for (long offset = first; offset < endOffset(); offset++) {
                expect(input, StoredBlock.RECORD_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                if (offset < from) {
                    input.skipRawBytes(input.readRawVarint32());
                } else if (!visitor.test(RecordCodec.decode(input, offset))) {
                    return;
                }
            }
        } catch (IOException e) {
            throw damaged(table, first, e.toString(), e);
        }
    }

    private static void expect(CodedInputStream input, int field, int wireType) throws IOException {
        int tag = input.readTag();
        if (tag != (field << 3 | wireType)) {
            throw new IOException("tag " + tag + " where field " + field + " should be");
        }
    }

    private static int checksum(byte[] stored) {
        CRC32C sum = new CRC32C();
        if (stored.length > CHECKSUM_BYTES) {
            sum.update(stored, CHECKSUM_BYTES, stored.length - CHECKSUM_BYTES);
        }
        return (int) sum.getValue();
    }

    static BrokerException damaged(String table, long offset, String what, @Nullable Throwable cause) {
        return new BrokerException(
                Kind.INTERNAL,
                "broker.store_damaged",
                "the block at offset " + offset + " in table " + table + " cannot be read: " + what,
                cause);
    }
}
