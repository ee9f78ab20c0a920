// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.OriginalHeader;
import io.fiso.sdk.OriginalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The record of a dead letter that is given in again, as it came over the wire. */
record InjectedRecord(io.fiso.proto.stream.v1.OriginalRecord message) implements OriginalRecord {
    @Override
    public String origin() {
        return message.getOrigin();
    }

    @Override
    public int partition() {
        return message.getPartition();
    }

    @Override
    public long offset() {
        return message.getOffset();
    }

    @Override
    public long timestampMillis() {
        return message.getTimestampMillis();
    }

    @Override
    public byte @Nullable [] key() {
        return message.hasKey() ? message.getKey().toByteArray() : null;
    }

    @Override
    public byte @Nullable [] value() {
        return message.hasValue() ? message.getValue().toByteArray() : null;
    }

    @Override
    public List<Header> headers() {
        return message.getHeadersList().stream().map(InjectedRecord::header).toList();
    }

    private static Header header(OriginalHeader header) {
        return new Header(
                header.getName(), header.hasValue() ? header.getValue().toByteArray() : null);
    }
}
