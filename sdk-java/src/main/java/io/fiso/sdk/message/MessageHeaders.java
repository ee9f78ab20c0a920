// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import io.fiso.sdk.OriginalRecord.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A message's headers, sorted by what they mean. Names are compared without regard to case; of several with one name the last counts. */
final class MessageHeaders {
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

    MessageHeaders(List<Header> headers) {
        for (Header header : headers) {
            sort(header, header.name().toLowerCase(Locale.ROOT));
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
                case "traceparent" -> traceparent = text(header);
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

    /** The correlation id that came with the message, if one did. */
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

    /** Whether the message is a CloudEvent in binary mode. */
    boolean binaryMode() {
        return cloudEvent.stream().anyMatch(header -> header.name().equalsIgnoreCase("ce_specversion"));
    }

    /** Those that mean nothing to Fiso. */
    List<Header> other() {
        return other;
    }

    static @Nullable String text(Header header) {
        byte[] value = header.value();
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }
}
