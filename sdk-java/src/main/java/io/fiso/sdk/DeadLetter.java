// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

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
    /** The same failure of another record. */
    public DeadLetter of(OriginalRecord other) {
        return new DeadLetter(
                other, eventId, correlationId, code, message, attempts, component, failedAt, flow, source);
    }

    /** What is written beside the original, in this order: the {@code fiso-*} headers of a dead letter. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("fiso-original-topic", original.origin());
        headers.put("fiso-error-code", code);
        headers.put("fiso-error-message", message);
        headers.put("fiso-retry-count", Integer.toString(Math.max(0, attempts - 1)));
        headers.put("fiso-failed-at", failedAt.toString());
        headers.put("fiso-failed-component", component);
        headers.put("fiso-flow-name", flow);
        headers.put("fiso-source-component", source);
        headers.put("fiso-event-id", eventId);
        headers.put("fiso-correlation-id", correlationId);
        headers.values().removeIf(String::isEmpty);
        return headers;
    }
}
