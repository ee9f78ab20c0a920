// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.time.Duration;

/** How long the soaks last: {@code -Dfiso.soak.minutes}, which is also what selects them. */
final class SoakTime {
    private static final String MINUTES = "fiso.soak.minutes";
    private static final String SEED = "fiso.soak.seed";

    private SoakTime() {}

    static Duration length() {
        String minutes = System.getProperty(MINUTES);
        if (minutes == null) {
            throw new IllegalStateException("a soak needs -D" + MINUTES + "=<minutes>");
        }
        return Duration.ofMillis((long) (Double.parseDouble(minutes) * 60_000));
    }

    /** What chance is made of; {@code -Dfiso.soak.seed} draws the same again. */
    static long seed() {
        return Long.getLong(SEED, System.nanoTime());
    }

    /** Until when it lasts if it begins now. */
    static Deadline begin() {
        return new Deadline(System.nanoTime() + length().toNanos());
    }

    /** A moment of the monotonic clock. */
    record Deadline(long nanos) {
        boolean passed() {
            return System.nanoTime() - nanos > 0;
        }
    }
}
