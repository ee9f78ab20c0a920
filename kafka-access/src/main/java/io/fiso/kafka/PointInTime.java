// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Times as users write them: ISO 8601 with an offset, or milliseconds since 1970. */
final class PointInTime {
    /** A number from here on is a time and not an offset: September 2001, and more records than a partition ever had. */
    static final long FIRST_EPOCH_MILLIS = 1_000_000_000_000L;

    private PointInTime() {}

    static Optional<Instant> parse(String text) {
        long number = wholeNumber(text);
        if (number >= 0) {
            return number >= FIRST_EPOCH_MILLIS ? Optional.of(Instant.ofEpochMilli(number)) : Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /** The number that this is, -1 if it is none. */
    static long wholeNumber(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Long.parseLong(text) : -1;
    }
}
