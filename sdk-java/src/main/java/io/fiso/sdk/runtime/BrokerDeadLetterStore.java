// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.DeadLetterStream;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.StreamSettings;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.OriginalRecord;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters to a stream of the broker (guarantee D7): key, value and headers as they were read, with headers beside them that say what happened. The
 * stream has one partition and an answer means on disk, unless somebody had made it otherwise. The broker is looked for when there is a letter, and again
 * whenever a call has failed: it may have been started again on another port.
 */
final class BrokerDeadLetterStore implements DeadLetterStore {
    private static final long CALL_MAX_SECONDS = 12;
    /** What goes into one append; one record always does. */
    private static final int APPEND_BYTES = 4 << 20;
    /** Far beyond what a broker takes in one record, and below what it reads in one message. */
    private static final int RECORD_BYTES_MAX = 16 << 20;
    /** Of one fact about a failure, so that those of a letter without content fit into the headers of a record, whatever they say. */
    private static final int FACT_BYTES_MAX = 10 << 10;
    /** It says nothing of this record that another attempt would change. */
    private static final Set<String> REFUSALS = Set.of(
            "broker.payload_too_large",
            "broker.key_too_large",
            "broker.headers_too_large",
            "broker.header_invalid",
            "broker.batch_too_large",
            "broker.value_too_large");

    private final DeadLetterStream letters;
    private final Broker broker;
    private final Path directory;
    private @Nullable BrokerConnection connection;

    /** Where the broker is. */
    @FunctionalInterface
    interface Broker {
        /** As {@link io.fiso.sdk.ComponentContext#broker}. */
        BrokerAddress find() throws IOException, InterruptedException;
    }

    /** @param directory the pipeline's, for dead letters: it is noted there that letters lie in the stream */
    BrokerDeadLetterStore(DeadLetterStream letters, Broker broker, Path directory) {
        this.letters = letters;
        this.broker = broker;
        this.directory = directory;
    }

    @Override
    public String description() {
        return "stream " + letters.stream();
    }

    /** Looks for the broker, unless one is known. */
    void open() throws IOException, InterruptedException {
        if (connection == null) {
            connection = BrokerConnection.to(broker.find());
        }
    }

    @Override
    public void write(List<DeadLetter> written) throws Exception {
        letters.mark(directory);
        List<NewRecord> records = new ArrayList<>(written.size());
        for (DeadLetter letter : written) {
            records.add(record(letter));
        }
        int from = 0;
        while (from < records.size()) {
            int to = endOfAppend(records, from);
            append(records, from, to);
            from = to;
        }
    }

    private static int endOfAppend(List<NewRecord> records, int from) {
        int to = from + 1;
        long bytes = records.get(from).getSerializedSize();
        while (to < records.size() && bytes + records.get(to).getSerializedSize() <= APPEND_BYTES) {
            bytes += records.get(to).getSerializedSize();
            to++;
        }
        return to;
    }

    private void append(List<NewRecord> records, int from, int to)
            throws IOException, InterruptedException, TooLargeException {
        if (records.get(from).getSerializedSize() > RECORD_BYTES_MAX) {
            throw new TooLargeException(
                    from, "it has " + records.get(from).getSerializedSize() + " bytes, more than any broker takes");
        }
        try {
            append(records.subList(from, to));
        } catch (BrokerFailure e) {
            if (!refuses(e)) {
                throw e;
            }
            if (to - from == 1) {
                throw new TooLargeException(from, description() + " refuses it: " + e.getMessage());
            }
            // An append is made as a whole or not at all. One by one, those before the refused one are written.
            for (int i = from; i < to; i++) {
                append(records, i, i + 1);
            }
        }
    }

    private static boolean refuses(BrokerFailure e) {
        return e.status() == Status.Code.INVALID_ARGUMENT && REFUSALS.contains(e.code());
    }

    private void append(List<NewRecord> records) throws IOException, InterruptedException {
        AppendRequest request = AppendRequest.newBuilder()
                .setStream(letters.stream())
                .addAllRecords(records)
                .build();
        boolean known = connection != null;
        try {
            call(request);
        } catch (BrokerFailure e) {
            if (refuses(e)) {
                throw e;
            }
            close();
            if (!known || !e.isTransient()) {
                throw e;
            }
            // It may have ended since the last letter, for want of anything to do.
            try {
                call(request);
            } catch (BrokerFailure again) {
                close();
                throw again;
            }
        }
    }

    private void call(AppendRequest request) throws IOException, InterruptedException {
        open();
        BrokerConnection open = Objects.requireNonNull(connection);
        try {
            append(open, request);
        } catch (BrokerFailure e) {
            if (e.status() != Status.Code.NOT_FOUND) {
                throw e;
            }
            make(open);
            append(open, request);
        }
    }

    private static void append(BrokerConnection open, AppendRequest request) {
        open.call(() -> open.streams()
                .withDeadlineAfter(CALL_MAX_SECONDS, TimeUnit.SECONDS)
                .append(request));
    }

    private void make(BrokerConnection open) {
        CreateResourceRequest request = CreateResourceRequest.newBuilder()
                .setResource(Resource.newBuilder()
                        .setName(letters.stream())
                        .setDurability(Durability.DURABILITY_FSYNC)
                        .setStream(StreamSettings.newBuilder().setPartitions(1)))
                .build();
        try {
            open.call(() -> open.resources()
                    .withDeadlineAfter(CALL_MAX_SECONDS, TimeUnit.SECONDS)
                    .createResource(request));
        } catch (BrokerFailure e) {
            // Another source of the pipeline, or a user, was quicker.
            if (e.status() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static NewRecord record(DeadLetter letter) {
        NewRecord.Builder record = NewRecord.newBuilder();
        OriginalRecord original = letter.original();
        byte[] key = original.key();
        if (key != null) {
            record.setKey(UnsafeByteOperations.unsafeWrap(key));
        }
        byte[] value = original.value();
        if (value != null) {
            record.setPayload(UnsafeByteOperations.unsafeWrap(value));
        }
        for (OriginalRecord.Header header : bounded(letter).recordHeaders()) {
            byte[] bytes = header.value();
            record.addHeaders(RecordHeader.newBuilder()
                    .setName(header.name())
                    .setValue(bytes == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(bytes)));
        }
        if (value == null) {
            // A record of a stream has a payload always, be it empty.
            record.addHeaders(
                    RecordHeader.newBuilder().setName("fiso-original-value").setValue(ByteString.copyFromUtf8("none")));
        }
        return record.build();
    }

    private static DeadLetter bounded(DeadLetter letter) {
        return new DeadLetter(
                letter.original(),
                bounded(letter.eventId()),
                bounded(letter.correlationId()),
                letter.code(),
                bounded(letter.message()),
                letter.attempts(),
                bounded(letter.component()),
                letter.failedAt(),
                letter.flow(),
                letter.source());
    }

    private static String bounded(String fact) {
        if (fact.length() * 3L <= FACT_BYTES_MAX) {
            return fact;
        }
        byte[] bytes = fact.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= FACT_BYTES_MAX) {
            return fact;
        }
        int end = FACT_BYTES_MAX - 4;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + "…";
    }

    @Override
    public void close() {
        BrokerConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
