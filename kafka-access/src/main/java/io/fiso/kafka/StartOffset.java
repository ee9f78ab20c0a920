// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.time.Instant;

/** Where a group begins that has committed nothing yet. */
public sealed interface StartOffset {
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
        long number = PointInTime.wholeNumber(value);
        if (number >= 0) {
            return number >= PointInTime.FIRST_EPOCH_MILLIS ? new Since(Instant.ofEpochMilli(number)) : new At(number);
        }
        return new Since(
                PointInTime.parse(value)
                        .orElseThrow(
                                () -> new IllegalArgumentException(
                                        "\"" + text
                                                + "\" is none of latest, earliest, an offset from 0, a time such as 2026-01-31T00:00:00Z, or milliseconds since 1970 (13 digits)")));
    }
}
