// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.OriginalRecord.Header;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of messages. A CloudEvent, structured or binary, passes as it is; any other JSON becomes the data of one; a message without a value becomes an event
 * without data. What is none of these is a failure at its place, so that it reaches the dead letters and nothing behind it waits. Thread-safe.
 */
public final class EventReader {
    private static final String WRAP_FAILED = "CLOUDEVENT_WRAP_FAILED";
    private static final String CLOUD_EVENTS = "application/cloudevents";
    private static final byte[] SPEC_VERSION = "\"specversion\"".getBytes(StandardCharsets.US_ASCII);

    private final String source;
    private final String type;

    /**
     * @param source the source attribute of events that are made of plain payloads
     * @param type their type attribute
     */
    public EventReader(String source, String type) {
        this.source = source;
        this.type = type;
    }

    /**
     * The event of a record.
     *
     * @param partition as the pipeline knows it
     * @param position its place there
     * @param orderKey in place of a key, if it has none
     * @param ids of what stands there
     */
    public SourceEvent read(OriginalRecord original, String partition, long position, byte[] orderKey, StableId ids) {
        byte[] key = original.key();
        byte[] order = key == null ? orderKey : key;
        try {
            return SourceEvent.of(event(original, ids), partition, position, order, original);
        } catch (DeliveryException e) {
            return SourceEvent.failed(e, partition, position, order, original);
        }
    }

    /** The correlation id that these headers bring, if they do. */
    public static Optional<String> correlationId(List<Header> headers) {
        return Optional.ofNullable(new MessageHeaders(headers).correlationId());
    }

    private CloudEvent event(OriginalRecord original, StableId ids) throws DeliveryException {
        MessageHeaders headers = new MessageHeaders(original.headers());
        byte[] value = original.value();
        String contentType = headers.contentType();
        if (contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(CLOUD_EVENTS)) {
            return structured(contentType, value);
        }
        if (headers.binaryMode()) {
            return binary(headers, value);
        }
        if (value == null) {
            return wrap(original, ids, headers, null);
        }
        if (contains(value, SPEC_VERSION)) {
            CloudEvent event = structuredWithoutHeader(value);
            if (event != null) {
                return event;
            }
        }
        String problem = JsonCheck.problem(value);
        if (problem != null) {
            throw DeliveryException.permanent(WRAP_FAILED, "the payload is not JSON: " + problem);
        }
        return wrap(original, ids, headers, value);
    }

    private static CloudEvent structured(String contentType, byte @Nullable [] value) throws DeliveryException {
        if (!contentType.toLowerCase(Locale.ROOT).startsWith(CLOUD_EVENTS + "+json")) {
            throw DeliveryException.permanent(
                    WRAP_FAILED,
                    "content-type \"" + contentType + "\" is not supported; structured CloudEvents are read as "
                            + CLOUD_EVENTS + "+json");
        }
        if (value == null) {
            throw DeliveryException.permanent(WRAP_FAILED, "the payload claims to be a CloudEvent and is empty");
        }
        try {
            return JsonFormat.decode(value);
        } catch (MalformedEventException e) {
            throw DeliveryException.permanent(
                    WRAP_FAILED, "the structured CloudEvent cannot be read: " + e.getMessage());
        }
    }

    /** People at a console write structured CloudEvents without saying so. Data that merely mentions the word is no event. */
    private static @Nullable CloudEvent structuredWithoutHeader(byte[] value) {
        try {
            return JsonFormat.decode(value);
        } catch (MalformedEventException _) {
            return null;
        }
    }

    private static CloudEvent binary(MessageHeaders headers, byte @Nullable [] value) throws DeliveryException {
        try {
            WireEventBuilder event = WireEvent.builder();
            for (Header header : headers.cloudEvent()) {
                String name = header.name().substring("ce_".length()).toLowerCase(Locale.ROOT);
                event.attribute(name, MessageHeaders.text(header));
            }
            if (headers.contentType() != null) {
                event.contentType(headers.contentType());
            }
            return event.data(value).build();
        } catch (MalformedEventException | DateTimeParseException e) {
            throw DeliveryException.permanent(WRAP_FAILED, "the binary CloudEvent cannot be read: " + e.getMessage());
        }
    }

    private CloudEvent wrap(OriginalRecord original, StableId ids, MessageHeaders headers, byte @Nullable [] value) {
        String id = ids.at(original.timestampMillis(), Math.max(0, original.partition()), original.offset());
        WireEventBuilder event = WireEvent.builder().id(id).source(source).type(type);
        if (original.timestampMillis() >= 0) {
            event.time(Instant.ofEpochMilli(original.timestampMillis()));
        }
        if (value != null) {
            event.json(value);
        }
        String correlation = headers.correlationId();
        // What brings none gets its own id, which is the same when it is read again.
        return event.attribute("correlationid", correlation == null ? id : correlation)
                .attribute("traceparent", headers.traceparent())
                .attribute("tracestate", headers.tracestate())
                .attribute("partitionkey", readable(original.key()))
                .attribute(CarriedHeaders.ATTRIBUTE, CarriedHeaders.encode(headers.other()))
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
