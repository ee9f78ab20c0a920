// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.JsonCheck;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.MalformedEventException;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.event.WireEventBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of records. A CloudEvent, structured or binary, passes as it is; any other JSON becomes the data of one. What is neither
 * is a failure with its place in the partition, so that it reaches the dead letters and nothing behind it waits.
 */
final class RecordEvents {
    private static final String WRAP_FAILED = "CLOUDEVENT_WRAP_FAILED";
    private static final String CLOUD_EVENTS = "application/cloudevents";
    private static final byte[] SPEC_VERSION = "\"specversion\"".getBytes(StandardCharsets.US_ASCII);

    private final String source;
    private final String type;

    /**
     * @param source the source attribute of events made from plain records
     * @param type their type attribute
     */
    RecordEvents(String source, String type) {
        this.source = source;
        this.type = type;
    }

    /** The event of a record that stood in a partition of this name, whose ids these are. */
    SourceEvent convert(String partition, StableId ids, ConsumerRecord<byte[], byte[]> record) {
        KafkaRecord original = new KafkaRecord(record);
        byte[] key = original.key();
        byte[] orderKey = key == null ? partition.getBytes(StandardCharsets.UTF_8) : key;
        try {
            CloudEvent event = event(ids, record, new RecordHeaders(record.headers()), original.value());
            return SourceEvent.of(event, partition, record.offset(), orderKey, original);
        } catch (DeliveryException e) {
            return SourceEvent.failed(e, partition, record.offset(), orderKey, original);
        }
    }

    private CloudEvent event(
            StableId ids, ConsumerRecord<byte[], byte[]> record, RecordHeaders headers, byte @Nullable [] value)
            throws DeliveryException {
        String contentType = headers.contentType();
        if (contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(CLOUD_EVENTS)) {
            return structured(contentType, value);
        }
        if (headers.binaryMode()) {
            return binary(headers, value);
        }
        if (value == null) {
            return wrap(ids, record, headers, null);
        }
        if (contains(value, SPEC_VERSION)) {
            CloudEvent event = structuredWithoutHeader(value);
            if (event != null) {
                return event;
            }
        }
        String problem = JsonCheck.problem(value);
        if (problem != null) {
            throw DeliveryException.permanent(WRAP_FAILED, "the record's value is not JSON: " + problem);
        }
        return wrap(ids, record, headers, value);
    }

    private static CloudEvent structured(String contentType, byte @Nullable [] value) throws DeliveryException {
        String format = contentType.toLowerCase(Locale.ROOT);
        if (!format.startsWith(CLOUD_EVENTS + "+json")) {
            throw DeliveryException.permanent(
                    WRAP_FAILED,
                    "content-type \"" + contentType + "\" is not supported; structured CloudEvents are read as "
                            + CLOUD_EVENTS + "+json");
        }
        if (value == null) {
            throw DeliveryException.permanent(WRAP_FAILED, "the record claims to be a CloudEvent and has no value");
        }
        try {
            return JsonFormat.decode(value);
        } catch (MalformedEventException e) {
            throw DeliveryException.permanent(
                    WRAP_FAILED, "the structured CloudEvent cannot be read: " + e.getMessage());
        }
    }

    /** Console producers send structured CloudEvents without saying so. Data that merely mentions the word is no event. */
    private static @Nullable CloudEvent structuredWithoutHeader(byte[] value) {
        try {
            return JsonFormat.decode(value);
        } catch (MalformedEventException _) {
            return null;
        }
    }

    private static CloudEvent binary(RecordHeaders headers, byte @Nullable [] value) throws DeliveryException {
        try {
            WireEventBuilder event = WireEvent.builder();
            for (Header header : headers.cloudEvent()) {
                String name = header.key().substring("ce_".length()).toLowerCase(Locale.ROOT);
                event.attribute(name, RecordHeaders.text(header));
            }
            if (headers.contentType() != null) {
                event.contentType(headers.contentType());
            }
            return event.data(value).build();
        } catch (MalformedEventException | DateTimeParseException e) {
            throw DeliveryException.permanent(WRAP_FAILED, "the binary CloudEvent cannot be read: " + e.getMessage());
        }
    }

    private CloudEvent wrap(
            StableId ids, ConsumerRecord<byte[], byte[]> record, RecordHeaders headers, byte @Nullable [] value) {
        String id = ids.at(record.timestamp(), record.partition(), record.offset());
        WireEventBuilder event = WireEvent.builder().id(id).source(source).type(type);
        if (record.timestamp() >= 0) {
            event.time(Instant.ofEpochMilli(record.timestamp()));
        }
        if (value != null) {
            event.json(value);
        }
        String correlation = headers.correlationId();
        // A record that brings none gets its own id, which is the same when it is read again.
        return event.attribute("correlationid", correlation == null ? id : correlation)
                .attribute("traceparent", headers.traceparent())
                .attribute("tracestate", headers.tracestate())
                .attribute("partitionkey", readable(record.key()))
                .attribute("kafkaheaders", headers.encodeOther())
                .build();
    }

    private static @Nullable String readable(byte @Nullable [] key) {
        if (key == null || key.length == 0) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static boolean contains(byte[] text, byte[] word) {
        int last = text.length - word.length;
        for (int i = 0; i <= last; i++) {
            int matched = 0;
            while (matched < word.length && text[i + matched] == word[matched]) {
                matched++;
            }
            if (matched == word.length) {
                return true;
            }
        }
        return false;
    }
}
