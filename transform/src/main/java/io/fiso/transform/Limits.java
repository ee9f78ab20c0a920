// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.time.Duration;

/**
 * What one event may cost.
 *
 * @param timeout for all expressions of one event
 * @param maxOutputBytes the largest output
 * @param maxDepth how deep objects and arrays may nest, in the input and in the output
 */
public record Limits(Duration timeout, int maxOutputBytes, int maxDepth) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), 1 << 20, 256);

    /** The least that expressions may build on the way. */
    private static final long MIN_BUILT_BYTES = 32L << 20;

    public Limits {
        if (timeout.isNegative() || timeout.isZero() || maxOutputBytes < 1 || maxDepth < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive: " + timeout + ", " + maxOutputBytes + ", " + maxDepth);
        }
    }

    /** How much the expressions of one event may build on the way to the output: texts, lists and maps, roughly, garbage included. */
    public long maxBuiltBytes() {
        return Math.max(MIN_BUILT_BYTES, 32L * maxOutputBytes);
    }

    public Limits withTimeout(Duration value) {
        return new Limits(value, maxOutputBytes, maxDepth);
    }

    public Limits withMaxOutputBytes(int value) {
        return new Limits(timeout, value, maxDepth);
    }
}
