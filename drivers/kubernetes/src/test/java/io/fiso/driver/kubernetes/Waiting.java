// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits on conditions. */
final class Waiting {
    private static final Duration LONG = Duration.ofSeconds(120);

    private Waiting() {}

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + LONG.toSeconds() + " s for " + what);
            }
            Thread.sleep(20);
        }
    }
}
