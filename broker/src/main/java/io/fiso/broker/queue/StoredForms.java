// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredHeader;
import io.fiso.proto.broker.stored.v1.StoredJob;
import io.fiso.proto.broker.stored.v1.StoredOrigin;
import java.time.Instant;
import java.util.Optional;

/** Jobs as they are kept. */
final class StoredForms {
    /** For times, the lease, and what else an answer says of a job. */
    private static final int AROUND_BYTES = 512;

    private StoredForms() {}

    static StoredContent of(Content content) {
        StoredContent.Builder stored = StoredContent.newBuilder().setPayload(ByteString.copyFrom(content.payload()));
        content.headers()
                .forEach(header -> stored.addHeaders(StoredHeader.newBuilder()
                        .setName(header.name())
                        .setValue(ByteString.copyFrom(header.value()))));
        content.key().ifPresent(key -> stored.setKey(ByteString.copyFrom(key)));
        return stored.build();
    }

    static Content content(StoredContent stored) {
        return new Content(
                stored.getPayload().toByteArray(),
                stored.getHeadersList().stream()
                        .map(header ->
                                new Header(header.getName(), header.getValue().toByteArray()))
                        .toList(),
                stored.hasKey() ? Optional.of(stored.getKey().toByteArray()) : Optional.empty());
    }

    /** About what a job has in an answer, and not less. */
    static long answerBytes(StoredJob job, StoredContent content) {
        return (long) job.getSerializedSize() + content.getSerializedSize() + AROUND_BYTES;
    }

    static Job job(StoredJob stored, long now) {
        return new Job(
                stored.getId(),
                stored.getPriority(),
                state(stored, now),
                stored.getAttempts(),
                Instant.ofEpochMilli(stored.getEnqueueMillis()),
                Instant.ofEpochMilli(stored.getVisibleMillis()),
                stored.getReason(),
                stored.getPayloadSize(),
                stored.hasOrigin() ? Optional.of(origin(stored.getOrigin())) : Optional.empty());
    }

    private static Origin origin(StoredOrigin stored) {
        return new Origin(
                stored.getQueue(),
                stored.getJob(),
                stored.getAttempts(),
                Instant.ofEpochMilli(stored.getEnqueueMillis()),
                Instant.ofEpochMilli(stored.getDeadMillis()),
                stored.getReason());
    }

    /** A lease that ran out is none, unless it was the last: its job is on its way to the dead letters. */
    private static JobState state(StoredJob stored, long now) {
        return mark(stored).state(stored.getVisibleMillis(), now);
    }

    static Mark mark(StoredJob stored) {
        if (stored.getLease().isEmpty()) {
            return Mark.FREE;
        }
        return stored.getLastLease() ? Mark.LAST_LEASE : Mark.LEASED;
    }

    static <M extends Message> M parse(Parser<M> parser, byte[] stored) {
        try {
            return parser.parseFrom(stored);
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(
                    Kind.INTERNAL, "broker.store_damaged", "what is kept of a queue cannot be read: " + e, e);
        }
    }
}
