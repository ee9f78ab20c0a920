// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Where a group begins that has committed nothing yet. */
sealed interface StartOffset {
    /** Behind the last record. */
    record Latest() implements StartOffset {}

    /** At the first record there is. */
    record Earliest() implements StartOffset {}

    /** At this offset, in every partition. */
    record At(long offset) implements StartOffset {}

    /** At the first record with this timestamp or a later one. */
    record Since(Instant time) implements StartOffset {}

    /** Reads what the user wrote. */
    static StartOffset parse(String text) {
        String value = text.strip();
        if (value.equalsIgnoreCase("latest")) {
            return new Latest();
        }
        if (value.equalsIgnoreCase("earliest")) {
            return new Earliest();
        }
        if (!value.isEmpty() && value.length() <= 18 && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return new At(Long.parseLong(value));
        }
        try {
            return new Since(OffsetDateTime.parse(value).toInstant());
        } catch (DateTimeParseException _) {
            throw new IllegalArgumentException("startOffset \"" + text
                    + "\" is none of latest, earliest, an offset from 0, or a time such as 2026-01-31T00:00:00Z");
        }
    }
}
