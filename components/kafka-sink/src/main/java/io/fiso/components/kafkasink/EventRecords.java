// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Makes records of events, by the Kafka binding of CloudEvents 1.0. Headers that a Kafka source found on the record and carried along stand there again. */
final class EventRecords {
    /** The attribute in which a Kafka source carries headers along. */
    private static final String CARRIED_HEADERS = "kafkaheaders";

    private final String topic;
    private final KafkaSinkConfig.Mode mode;

    EventRecords(String topic, KafkaSinkConfig.Mode mode) {
        this.topic = topic;
        this.mode = mode;
    }

    ProducerRecord<byte[], byte[]> record(CloudEvent cloudEvent, byte[] orderKey) {
        WireEvent event = WireEvent.from(cloudEvent);
        byte[] key = orderKey.length == 0 ? null : orderKey;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, key, value(event));
        Headers headers = record.headers();
        add(headers, "fiso-event-id", event.getId());
        add(headers, "fiso-correlation-id", event.string("correlationid"));
        add(headers, "traceparent", event.string("traceparent"));
        add(headers, "tracestate", event.string("tracestate"));
        switch (mode) {
            case STRUCTURED -> add(headers, "content-type", JsonFormat.CONTENT_TYPE);
            case BINARY -> attributes(headers, event);
        }
        String carried = event.string(CARRIED_HEADERS);
        if (carried != null) {
            restore(carried, headers);
        }
        return record;
    }

    private byte @Nullable [] value(WireEvent event) {
        return switch (mode) {
            case STRUCTURED -> JsonFormat.encode(event);
            case BINARY -> {
                CloudEventData data = event.getData();
                yield data == null ? null : data.toBytes();
            }
        };
    }

    private static void attributes(Headers headers, WireEvent event) {
        add(headers, "content-type", event.getDataContentType());
        add(headers, "ce_specversion", event.getSpecVersion().toString());
        add(headers, "ce_id", event.getId());
        add(headers, "ce_source", event.source());
        add(headers, "ce_type", event.getType());
        add(headers, "ce_subject", event.getSubject());
        add(headers, "ce_time", event.string("time"));
        add(headers, "ce_dataschema", event.string("dataschema"));
        for (String extension : event.getExtensionNames()) {
            if (!extension.equals(CARRIED_HEADERS)) {
                add(headers, "ce_" + extension, event.string(extension));
            }
        }
    }

    private static void add(Headers headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(name, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Reads {@code name=value} pairs joined by {@code &}, percent-encoded byte by byte; a name alone has no value. */
    private static void restore(String carried, Headers headers) {
        for (String pair : carried.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name =
                    new String(percentDecoded(equals < 0 ? pair : pair.substring(0, equals)), StandardCharsets.UTF_8);
            if (!name.isEmpty()) {
                headers.add(name, equals < 0 ? null : percentDecoded(pair.substring(equals + 1)));
            }
        }
    }

    private static byte[] percentDecoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
