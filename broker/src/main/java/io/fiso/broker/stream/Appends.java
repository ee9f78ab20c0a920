// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes records in: checks them, decides on their partitions, and hands them to these. */
final class Appends {
    static final int RECORDS_MAX = 10_000;
    static final int BYTES_MAX = 16 * 1024 * 1024;

    private final Partitions partitions;
    private final InstantSource clock;
    private final AtomicInteger keyless = new AtomicInteger();

    Appends(Partitions partitions, InstantSource clock) {
        this.partitions = partitions;
        this.clock = clock;
    }

    /** An append that only needs its offsets. */
    record Prepared(Resource stream, Map<Integer, List<EncodedRecord>> records, long bytes) {}

    Prepared prepare(Resource stream, OptionalInt partition, List<NewRecord> records) {
        check(records);
        partition.ifPresent(given -> Partitions.id(stream, given));
        int count = stream.stream().partitions();
        int forKeyless = partition.orElseGet(() -> Math.floorMod(keyless.getAndIncrement(), count));
        long now = clock.millis();
        Map<Integer, List<EncodedRecord>> encoded = new TreeMap<>();
        long bytes = 0;
        for (NewRecord record : records) {
            int place = partition.isPresent()
                    ? partition.getAsInt()
                    : record.key().map(key -> Partitioner.partition(key, count)).orElse(forKeyless);
            EncodedRecord made = RecordCodec.encode(record, now);
            encoded.computeIfAbsent(place, _ -> new ArrayList<>()).add(made);
            bytes += made.bytes().length;
        }
        return new Prepared(stream, encoded, bytes);
    }

    List<Appended> write(Change change, Prepared prepared) {
        long now = clock.millis();
        List<Appended> appended = new ArrayList<>(prepared.records.size());
        prepared.records.forEach((partition, records) -> appended.add(new Appended(
                partition, partitions.tail(change, prepared.stream, partition).append(records, now), records.size())));
        return appended;
    }

    private static void check(List<NewRecord> records) {
        if (records.isEmpty()) {
            throw invalid("broker.batch_empty", "there is no record to append");
        }
        if (records.size() > RECORDS_MAX) {
            throw invalid(
                    "broker.batch_too_large",
                    "there are " + records.size() + " records; at most " + RECORDS_MAX + " are appended at once");
        }
        long bytes = 0;
        for (int i = 0; i < records.size(); i++) {
            NewRecord record = records.get(i);
            String what = "records[" + i + "]";
            int payload = record.payload().size();
            if (payload > NewRecord.PAYLOAD_BYTES_MAX) {
                throw invalid(
                        "broker.payload_too_large",
                        what + ".payload has " + payload + " bytes; it can have " + NewRecord.PAYLOAD_BYTES_MAX
                                + ": keep large data elsewhere and send where it is");
            }
            int key = record.key().map(ByteString::size).orElse(0);
            if (key > NewRecord.KEY_BYTES_MAX) {
                throw invalid(
                        "broker.key_too_large",
                        what + ".key has " + key + " bytes; it can have " + NewRecord.KEY_BYTES_MAX);
            }
            bytes += payload + key + checkHeaders(record.headers(), what);
            long timestamp = record.timestampMillis().orElse(0);
            if (timestamp < 0) {
                throw invalid(
                        "broker.timestamp_invalid",
                        what + ".timestamp_millis is " + timestamp + "; it can be 0 or more, and is not set for now");
            }
        }
        if (bytes > BYTES_MAX) {
            throw invalid(
                    "broker.batch_too_large",
                    "the records have " + bytes + " bytes; at most " + BYTES_MAX + " are appended at once");
        }
    }

    private static long checkHeaders(List<Header> headers, String what) {
        long bytes = 0;
        for (Header header : headers) {
            int name = header.name().length();
            if (name < 1 || name > Header.NAME_LENGTH_MAX) {
                throw invalid(
                        "broker.header_invalid",
                        what + " has a header whose name has " + name + " characters; it can have 1 to "
                                + Header.NAME_LENGTH_MAX);
            }
            bytes += name + header.value().size();
        }
        if (bytes > NewRecord.HEADERS_BYTES_MAX) {
            throw invalid(
                    "broker.headers_too_large",
                    what + ".headers have " + bytes + " bytes; they can have " + NewRecord.HEADERS_BYTES_MAX);
        }
        return bytes;
    }

    private static BrokerException invalid(String code, String message) {
        return new BrokerException(Kind.INVALID, code, message);
    }
}
