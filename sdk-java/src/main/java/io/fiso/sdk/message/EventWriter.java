// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.fiso.sdk.OriginalRecord.Header;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of events, by the Kafka binding of CloudEvents 1.0. Headers that a source found and carried along stand there again. Thread-safe.
 */
public final class EventWriter {
    private final Mode mode;

    /** How an event is written. */
    public enum Mode {
        /** The payload as it is, the attributes as headers. */
        BINARY,
        /** The whole event as payload. */
        STRUCTURED
    }

    public EventWriter(Mode mode) {
        this.mode = mode;
    }

    /** @param orderKey becomes the key, unless it is empty */
    public EventMessage write(CloudEvent cloudEvent, byte[] orderKey) {
        WireEvent event = WireEvent.from(cloudEvent);
        List<Header> headers = new ArrayList<>();
        add(headers, "fiso-event-id", event.getId());
        add(headers, "fiso-correlation-id", event.string("correlationid"));
        add(headers, "traceparent", event.string("traceparent"));
        add(headers, "tracestate", event.string("tracestate"));
        switch (mode) {
            case STRUCTURED -> add(headers, "content-type", JsonFormat.CONTENT_TYPE);
            case BINARY -> attributes(headers, event);
        }
        String carried = event.string(CarriedHeaders.ATTRIBUTE);
        if (carried != null) {
            headers.addAll(CarriedHeaders.decode(carried));
        }
        return new EventMessage(orderKey.length == 0 ? null : orderKey, headers, payload(event));
    }

    private byte @Nullable [] payload(WireEvent event) {
        return switch (mode) {
            case STRUCTURED -> JsonFormat.encode(event);
            case BINARY -> {
                CloudEventData data = event.getData();
                yield data == null ? null : data.toBytes();
            }
        };
    }

    private static void attributes(List<Header> headers, WireEvent event) {
        add(headers, "content-type", event.getDataContentType());
        add(headers, "ce_specversion", event.getSpecVersion().toString());
        add(headers, "ce_id", event.getId());
        add(headers, "ce_source", event.source());
        add(headers, "ce_type", event.getType());
        add(headers, "ce_subject", event.getSubject());
        add(headers, "ce_time", event.string("time"));
        add(headers, "ce_dataschema", event.string("dataschema"));
        for (String extension : event.getExtensionNames()) {
            if (!extension.equals(CarriedHeaders.ATTRIBUTE)) {
                add(headers, "ce_" + extension, event.string(extension));
            }
        }
    }

    private static void add(List<Header> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
