// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import io.fiso.proto.broker.stored.v1.StoredHeader;
import io.fiso.proto.broker.stored.v1.StoredRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Records as they are kept. */
final class RecordCodec {
    private RecordCodec() {}

    static EncodedRecord encode(NewRecord record, long nowMillis) {
        long timestamp = record.timestampMillis().orElse(nowMillis);
        StoredRecord.Builder stored =
                StoredRecord.newBuilder().setTimestampMillis(timestamp).setPayload(record.payload());
        record.key().ifPresent(stored::setKey);
        record.headers()
                .forEach(header -> stored.addHeaders(
                        StoredHeader.newBuilder().setName(header.name()).setValue(header.value())));
        return new EncodedRecord(stored.build().toByteArray(), timestamp);
    }

    /** Reads a record that has its length before it; its bytes are those of the input. */
    static KeptRecord decode(CodedInputStream input, long offset) throws IOException {
        int length = input.readRawVarint32();
        int limit = input.pushLimit(length);
        StoredRecord stored = StoredRecord.parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
        input.popLimit(limit);
        List<Header> headers = stored.getHeadersList().stream()
                .map(header -> new Header(header.getName(), header.getValue()))
                .toList();
        return new KeptRecord(
                offset,
                stored.getTimestampMillis(),
                stored.hasKey() ? Optional.of(stored.getKey()) : Optional.empty(),
                headers,
                stored.getPayload(),
                length);
    }
}
