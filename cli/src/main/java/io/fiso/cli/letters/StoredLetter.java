// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import io.fiso.proto.stream.v1.OriginalRecord;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;

/**
 * A dead letter as it lies in a store.
 *
 * @param place where it lies there, unlike that of any other letter that ever lies there
 * @param facts what was written about the failure: the {@code fiso-*} headers
 * @param original the record as the source had read it
 * @param spillFile the file that holds the record, if the store would not take it; empty if it did
 * @param whole whether value and headers of the record are here
 */
public record StoredLetter(
        String place, Map<String, String> facts, OriginalRecord original, String spillFile, boolean whole) {
    static final String FAILED_AT = "fiso-failed-at";

    /** What stands under this name; empty if nothing does. */
    public String fact(String name) {
        return facts.getOrDefault(name, "");
    }

    /** The source component that had read it; empty in letters that do not say. */
    public String source() {
        return fact("fiso-source-component");
    }

    /** The components that gave up on it, separated by commas. */
    public String component() {
        return fact("fiso-failed-component");
    }

    public String code() {
        return fact("fiso-error-code");
    }

    public String message() {
        return fact("fiso-error-message");
    }

    /** How many attempts were made, the first included. */
    public int attempts() {
        try {
            return Integer.parseInt(fact("fiso-retry-count")) + 1;
        } catch (NumberFormatException _) {
            return 1;
        }
    }

    /** When it was given up; the epoch if the letter does not say. */
    public Instant failedAt() {
        try {
            return Instant.parse(fact(FAILED_AT));
        } catch (DateTimeException _) {
            return Instant.EPOCH;
        }
    }

    public String eventId() {
        return fact("fiso-event-id");
    }

    public String correlationId() {
        return fact("fiso-correlation-id");
    }

    /** The pipeline it belongs to. */
    public String flow() {
        return fact("fiso-flow-name");
    }

    int size() {
        return original.getSerializedSize();
    }

    /** The same with nothing in it that can be large. */
    StoredLetter withoutContent() {
        return new StoredLetter(
                place, facts, original.toBuilder().clearValue().clearHeaders().build(), spillFile, false);
    }
}
