// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.OriginalRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** A consumed record as the original of an event; converts only when a dead letter asks for it. */
record KafkaRecord(ConsumerRecord<byte[], byte[]> consumed) implements OriginalRecord {
    /** A record as it was consumed once, out of a dead letter. */
    static ConsumerRecord<byte[], byte[]> consumedAgain(OriginalRecord original) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        original.headers().forEach(header -> headers.add(header.name(), header.value()));
        return new ConsumerRecord<>(
                original.origin(),
                original.partition(),
                original.offset(),
                original.timestampMillis(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                original.key(),
                original.value(),
                headers,
                Optional.empty());
    }

    @Override
    public String origin() {
        return consumed.topic();
    }

    @Override
    public int partition() {
        return consumed.partition();
    }

    @Override
    public long offset() {
        return consumed.offset();
    }

    @Override
    public long timestampMillis() {
        return consumed.timestamp();
    }

    @Override
    public byte @Nullable [] key() {
        return consumed.key();
    }

    @Override
    public byte @Nullable [] value() {
        return consumed.value();
    }

    @Override
    public List<Header> headers() {
        List<Header> headers = new ArrayList<>();
        consumed.headers().forEach(header -> headers.add(new Header(header.key(), header.value())));
        return headers;
    }
}
