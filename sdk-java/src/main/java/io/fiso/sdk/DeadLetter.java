// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A source event that failed on some path.
 *
 * @param original the record as read; for sources without raw records, the event in JSON format as value
 * @param eventId the id of the event
 * @param correlationId its correlation id; empty if unknown
 * @param code a stable error code, or an HTTP status
 * @param message what went wrong, for people
 * @param attempts how many attempts were made, the first included
 * @param component the component that gave up
 * @param failedAt when it gave up
 * @param flow the name of the pipeline
 * @param source the source component that had read it
 */
public record DeadLetter(
        OriginalRecord original,
        String eventId,
        String correlationId,
        String code,
        String message,
        int attempts,
        String component,
        Instant failedAt,
        String flow,
        String source) {
    private static final String CORRELATION_ID = "fiso-correlation-id";
    /** What is written about a failure beside a record's own headers; a letter that fails again is told anew. */
    private static final Set<String> WRITTEN = Set.of(
            "fiso-original-topic",
            "fiso-original-partition",
            "fiso-original-offset",
            "fiso-original-timestamp",
            "fiso-original-value",
            "fiso-error-code",
            "fiso-error-message",
            "fiso-retry-count",
            "fiso-failed-at",
            "fiso-failed-component",
            "fiso-flow-name",
            "fiso-source-component",
            "fiso-event-id");

    /** The same failure of another record. */
    public DeadLetter of(OriginalRecord other) {
        return new DeadLetter(
                other, eventId, correlationId, code, message, attempts, component, failedAt, flow, source);
    }

    /**
     * The headers of the letter in a store that keeps records: those of the original, without what an earlier failure had written among them, and then what is
     * written beside, which begins with {@code fiso-original-topic}.
     */
    public List<OriginalRecord.Header> recordHeaders() {
        List<OriginalRecord.Header> headers = new ArrayList<>();
        boolean correlated = false;
        for (OriginalRecord.Header header : original.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (!WRITTEN.contains(name)) {
                headers.add(header);
                correlated |= name.equals(CORRELATION_ID);
            }
        }
        add(headers, "fiso-original-topic", original.origin());
        add(headers, "fiso-original-partition", Integer.toString(original.partition()));
        add(headers, "fiso-original-offset", Long.toString(original.offset()));
        add(headers, "fiso-original-timestamp", Long.toString(original.timestampMillis()));
        add(headers, "fiso-error-code", code);
        add(headers, "fiso-error-message", message);
        add(headers, "fiso-retry-count", Integer.toString(retries()));
        add(headers, "fiso-failed-at", failedAt.toString());
        add(headers, "fiso-failed-component", component);
        add(headers, "fiso-flow-name", flow);
        add(headers, "fiso-source-component", source);
        if (!eventId.isEmpty()) {
            add(headers, "fiso-event-id", eventId);
        }
        if (!correlationId.isEmpty() && !correlated) {
            add(headers, CORRELATION_ID, correlationId);
        }
        return headers;
    }

    private static void add(List<OriginalRecord.Header> headers, String name, String value) {
        headers.add(new OriginalRecord.Header(name, value.getBytes(StandardCharsets.UTF_8)));
    }

    private int retries() {
        return Math.max(0, attempts - 1);
    }

    /** What is written beside the original, in this order: the {@code fiso-*} headers of a dead letter. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("fiso-original-topic", original.origin());
        headers.put("fiso-error-code", code);
        headers.put("fiso-error-message", message);
        headers.put("fiso-retry-count", Integer.toString(retries()));
        headers.put("fiso-failed-at", failedAt.toString());
        headers.put("fiso-failed-component", component);
        headers.put("fiso-flow-name", flow);
        headers.put("fiso-source-component", source);
        headers.put("fiso-event-id", eventId);
        headers.put(CORRELATION_ID, correlationId);
        headers.values().removeIf(String::isEmpty);
        return headers;
    }
}
