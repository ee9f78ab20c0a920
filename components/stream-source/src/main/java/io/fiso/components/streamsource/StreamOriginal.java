// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.sdk.OriginalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record of a stream as the original of an event; converts only when it is asked. */
record StreamOriginal(String origin, int partition, StreamRecord record) implements OriginalRecord {
    @Override
    public long offset() {
        return record.getOffset();
    }

    @Override
    public long timestampMillis() {
        return record.getTimestampMillis();
    }

    @Override
    public byte @Nullable [] key() {
        return record.hasKey() ? record.getKey().toByteArray() : null;
    }

    /** A stream keeps nothing for an event without data. */
    @Override
    public byte @Nullable [] value() {
        return record.getPayload().isEmpty() ? null : record.getPayload().toByteArray();
    }

    @Override
    public List<Header> headers() {
        return record.getHeadersList().stream()
                .map(header -> new Header(header.getName(), header.getValue().toByteArray()))
                .toList();
    }
}
