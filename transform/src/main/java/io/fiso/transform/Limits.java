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

    public Limits {
        if (timeout.isNegative() || timeout.isZero() || maxOutputBytes < 1 || maxDepth < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive: " + timeout + ", " + maxOutputBytes + ", " + maxDepth);
        }
    }

    public Limits withTimeout(Duration value) {
        return new Limits(value, maxOutputBytes, maxDepth);
    }

    public Limits withMaxOutputBytes(int value) {
        return new Limits(timeout, value, maxDepth);
    }
}
