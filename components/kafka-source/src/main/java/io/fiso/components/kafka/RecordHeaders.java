// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** A record's headers, sorted by what they mean. Names are compared without regard to case; of several with one name the last counts. */
final class RecordHeaders {
    private static final String TRACEPARENT = "traceparent";
    /** Where a correlation id may stand, the best first. */
    private static final List<String> CORRELATION = List.of("fiso-correlation-id", "x-correlation-id", "x-request-id");

    private static final int TRACE_ID_START = 3;
    private static final int TRACE_ID_END = 35;

    private final List<Header> cloudEvent = new ArrayList<>(0);
    private final List<Header> other = new ArrayList<>(0);
    private final @Nullable String[] correlation = new @Nullable String[CORRELATION.size()];
    private @Nullable String contentType;
    private @Nullable String traceparent;
    private @Nullable String tracestate;

    RecordHeaders(Headers headers) {
        for (Header header : headers) {
            sort(header, header.key().toLowerCase(Locale.ROOT));
        }
    }

    private void sort(Header header, String name) {
        int source = CORRELATION.indexOf(name);
        if (source >= 0) {
            correlation[source] = text(header);
        } else if (name.startsWith("ce_")) {
            cloudEvent.add(header);
        } else {
            switch (name) {
                case "content-type" -> contentType = text(header);
                case TRACEPARENT -> traceparent = text(header);
                case "tracestate" -> tracestate = text(header);
                default -> other.add(header);
            }
        }
    }

    @Nullable
    String contentType() {
        return contentType;
    }

    @Nullable
    String traceparent() {
        return traceparent;
    }

    @Nullable
    String tracestate() {
        return tracestate;
    }

    /** The correlation id that came with the record, if one did. */
    @Nullable
    String correlationId() {
        for (String candidate : correlation) {
            if (candidate != null && !candidate.isBlank()) {
                return candidate;
            }
        }
        String trace = traceparent;
        return trace != null && trace.length() >= TRACE_ID_END ? trace.substring(TRACE_ID_START, TRACE_ID_END) : null;
    }

    /** The attributes of a CloudEvent in binary mode. */
    List<Header> cloudEvent() {
        return cloudEvent;
    }

    /** Whether the record is a CloudEvent in binary mode. */
    boolean binaryMode() {
        return cloudEvent.stream().anyMatch(header -> header.key().equalsIgnoreCase("ce_specversion"));
    }

    /**
     * The headers that mean nothing to Fiso, as one attribute's value, so that a Kafka sink can restore them: {@code name=value} joined by {@code &}, both
     * percent-encoded byte by byte. Null if there are none.
     */
    @Nullable
    String encodeOther() {
        if (other.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (Header header : other) {
            if (!text.isEmpty()) {
                text.append('&');
            }
            percentEncode(header.key().getBytes(StandardCharsets.UTF_8), text);
            if (header.value() != null) {
                text.append('=');
                percentEncode(header.value(), text);
            }
        }
        return text.toString();
    }

    private static void percentEncode(byte[] bytes, StringBuilder out) {
        for (byte value : bytes) {
            char c = (char) (value & 0xFF);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~:/".indexOf(c) >= 0;
            if (plain) {
                out.append(c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
            }
        }
    }

    static @Nullable String text(Header header) {
        byte[] value = header.value();
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }
}
