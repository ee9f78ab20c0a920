// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Settings;
import java.time.Duration;
import java.time.Instant;

/** Durations that callers ask for, and their bounds. */
final class Times {
    static final Duration DELAY_MAX = Duration.ofDays(366);
    static final Duration WAIT_MAX = Duration.ofMinutes(5);

    private Times() {}

    /** Milliseconds since 1970. */
    static long visible(NewJob.When when, long now) {
        return switch (when) {
            case NewJob.When.In(Duration delay) -> now + delay(delay);
            case NewJob.When.At(Instant moment) -> {
                if (moment.isAfter(Instant.ofEpochMilli(now).plus(DELAY_MAX))) {
                    throw invalid("broker.delay_invalid", "visible_time", moment, "at most 366 days from now");
                }
                yield moment.isBefore(Instant.ofEpochMilli(now)) ? now : ceiling(moment);
            }
        };
    }

    static long delay(Duration delay) {
        return millis("broker.delay_invalid", "delay", delay, Duration.ZERO, DELAY_MAX, "0 to 366 days");
    }

    static long visibilityTimeout(Duration timeout) {
        return millis(
                "broker.visibility_timeout_invalid",
                "visibility_timeout",
                timeout,
                Duration.ofMillis(1),
                Settings.Queue.VISIBILITY_TIMEOUT_MAX,
                "1 ms to 12 h");
    }

    static long wait(Duration wait) {
        return millis("broker.wait_invalid", "wait", wait, Duration.ZERO, WAIT_MAX, "0 to 5 min");
    }

    private static long millis(String code, String what, Duration found, Duration min, Duration max, String allowed) {
        if (found.compareTo(min) < 0 || found.compareTo(max) > 0) {
            throw invalid(code, what, found, allowed);
        }
        return ceiling(Instant.EPOCH.plus(found));
    }

    /** Nothing becomes visible before it was to: part of a millisecond counts as one. */
    private static long ceiling(Instant moment) {
        return moment.plusNanos(999_999).toEpochMilli();
    }

    private static BrokerException invalid(String code, String what, Object found, String allowed) {
        return new BrokerException(Kind.INVALID, code, what + " is " + found + "; it can be " + allowed);
    }
}
