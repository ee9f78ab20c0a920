// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import java.time.Duration;

/** How often something is done. Of one thread. */
public final class Pace {
    private final long intervalNanos;
    private long nextNanos = System.nanoTime();

    public Pace(Duration interval) {
        intervalNanos = interval.toNanos();
    }

    /** Whether it is its turn; then its next turn comes an interval later. */
    public boolean due() {
        if (System.nanoTime() - nextNanos < 0) {
            return false;
        }
        later();
        return true;
    }

    /** It is its turn. */
    public void now() {
        nextNanos = System.nanoTime();
    }

    /** Its turn comes an interval from now. */
    public void later() {
        nextNanos = System.nanoTime() + intervalNanos;
    }
}
