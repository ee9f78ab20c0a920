// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.time.Duration;
import java.time.Instant;

/**
 * A moment, by both clocks.
 *
 * @param millis monotonic milliseconds since an arbitrary origin: what every decision goes by, so that no change of the wall clock matters
 * @param wall wall-clock time: for people only
 */
record Now(long millis, Instant wall) {
    static Now ofSystem() {
        return new Now(System.nanoTime() / 1_000_000, Instant.now());
    }

    /** How long ago an earlier moment was. */
    Duration since(long earlierMillis) {
        return Duration.ofMillis(millis - earlierMillis);
    }

    boolean passed(long deadlineMillis) {
        return millis >= deadlineMillis;
    }

    long after(Duration delay) {
        return millis + delay.toMillis();
    }
}
