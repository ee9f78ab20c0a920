// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.time.Instant;

/** Where a bounded read of a topic ends. */
public sealed interface Until {
    /** Behind the last record that each partition had when the read began. */
    record End() implements Until {
        @Override
        public String toString() {
            return "end";
        }
    }

    /** Before the first record of each partition with this timestamp or a later one. */
    record Time(Instant time) implements Until {
        @Override
        public String toString() {
            return time.toString();
        }
    }

    /** Reads what the user wrote. */
    static Until parse(String text) {
        String value = text.strip();
        if (value.equalsIgnoreCase("end")) {
            return new End();
        }
        return new Time(
                PointInTime.parse(value)
                        .orElseThrow(
                                () -> new IllegalArgumentException(
                                        "until \"" + text
                                                + "\" is neither end nor a time such as 2026-01-31T00:00:00Z or milliseconds since 1970 (13 digits)")));
    }
}
