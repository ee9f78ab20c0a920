// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import java.time.Duration;

/** When something that failed is tried again: later each time, until it works. Of one thread. */
final class Patience {
    private final long firstNanos;
    private final long longestNanos;
    private long waitNanos;
    private long untilNanos = System.nanoTime();

    Patience(Duration first, Duration longest) {
        firstNanos = first.toNanos();
        longestNanos = longest.toNanos();
        waitNanos = firstNanos;
    }

    /** Whether it may be tried. */
    boolean over() {
        return System.nanoTime() - untilNanos >= 0;
    }

    /** It failed. */
    void disappointed() {
        untilNanos = System.nanoTime() + waitNanos;
        waitNanos = Math.min(longestNanos, waitNanos * 2);
    }

    /** It worked. */
    void satisfied() {
        waitNanos = firstNanos;
    }
}
