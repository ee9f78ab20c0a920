// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.util.random.RandomGenerator;

/** Waits that double up to a cap, each shortened by up to half by chance so that many do not come at once. */
final class Backoff {
    private final long initialMillis;
    private final long maxMillis;
    private final RandomGenerator random;
    private long nextMillis;

    Backoff(long initialMillis, long maxMillis, RandomGenerator random) {
        this.initialMillis = initialMillis;
        this.maxMillis = maxMillis;
        this.random = random;
        this.nextMillis = initialMillis;
    }

    long nextMillis() {
        long wait = nextMillis;
        nextMillis = Math.min(maxMillis, nextMillis * 2);
        return wait / 2 + random.nextLong(wait / 2 + 1);
    }

    void reset() {
        nextMillis = initialMillis;
    }
}
