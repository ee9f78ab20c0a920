// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import com.google.protobuf.Timestamp;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.sdk.OriginalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job as the original of an event: its offset is its number, its timestamp is when it was added. Converts only when it is asked. */
record JobOriginal(String origin, DeliveredJob delivered) implements OriginalRecord {
    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1_000;

    @Override
    public int partition() {
        return -1;
    }

    @Override
    public long offset() {
        return delivered.getJob().getId();
    }

    @Override
    public long timestampMillis() {
        Timestamp added = delivered.getJob().getEnqueueTime();
        return added.getSeconds() * MILLIS_PER_SECOND + added.getNanos() / NANOS_PER_MILLI;
    }

    @Override
    public byte @Nullable [] key() {
        return delivered.getContent().hasKey() ? delivered.getContent().getKey().toByteArray() : null;
    }

    /** A queue keeps nothing for an event without data. */
    @Override
    public byte @Nullable [] value() {
        return delivered.getContent().getPayload().isEmpty()
                ? null
                : delivered.getContent().getPayload().toByteArray();
    }

    @Override
    public List<Header> headers() {
        return delivered.getContent().getHeadersList().stream()
                .map(header -> new Header(header.getName(), header.getValue().toByteArray()))
                .toList();
    }
}
