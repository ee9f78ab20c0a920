// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/** Makes requests of events, by the HTTP binding of CloudEvents 1.0. Thread-safe. */
final class HttpRequests {
    private static final String CONTENT_TYPE = "Content-Type";

    private final HttpSinkConfig config;

    HttpRequests(HttpSinkConfig config) {
        this.config = config;
    }

    HttpUriRequestBase request(CloudEvent cloudEvent) {
        WireEvent event = WireEvent.from(cloudEvent);
        HttpUriRequestBase request = new HttpUriRequestBase(config.method(), config.url());
        header(request, "fiso-event-id", event.getId());
        header(request, "fiso-correlation-id", event.string("correlationid"));
        header(request, "traceparent", event.string("traceparent"));
        header(request, "tracestate", event.string("tracestate"));
        switch (config.mode()) {
            case STRUCTURED -> {
                request.setHeader(CONTENT_TYPE, JsonFormat.CONTENT_TYPE);
                request.setEntity(new ByteArrayEntity(JsonFormat.encode(event), null));
            }
            case BINARY -> binary(request, event);
        }
        config.headers().forEach(request::setHeader);
        return request;
    }

    private static void binary(HttpUriRequestBase request, WireEvent event) {
        header(request, "ce-specversion", event.getSpecVersion().toString());
        header(request, "ce-id", event.getId());
        header(request, "ce-source", event.source());
        header(request, "ce-type", event.getType());
        header(request, "ce-subject", event.getSubject());
        header(request, "ce-time", event.string("time"));
        header(request, "ce-dataschema", event.string("dataschema"));
        for (String extension : event.getExtensionNames()) {
            header(request, "ce-" + extension, event.string(extension));
        }
        if (event.getDataContentType() != null) {
            request.setHeader(CONTENT_TYPE, event.getDataContentType());
        }
        CloudEventData data = event.getData();
        request.setEntity(new ByteArrayEntity(data == null ? new byte[0] : data.toBytes(), null));
    }

    private static void header(HttpUriRequestBase request, String name, @Nullable String value) {
        if (value != null) {
            request.setHeader(name, percentEncoded(value));
        }
    }

    /** What the binding demands of header values: printable ASCII as it is, without quote and percent sign; all else by its UTF-8 bytes. */
    private static String percentEncoded(String value) {
        int plain = 0;
        while (plain < value.length() && isPlain(value.charAt(plain))) {
            plain++;
        }
        if (plain == value.length()) {
            return value;
        }
        StringBuilder text = new StringBuilder(value.length() + 16);
        for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            if (isPlain(c)) {
                text.append(c);
            } else {
                text.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
            }
        }
        return text.toString();
    }

    private static boolean isPlain(char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '%';
    }
}
