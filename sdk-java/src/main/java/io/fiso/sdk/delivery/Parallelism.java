// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * How many lanes may run at once: a fixed number, or whatever between two bounds serves best.
 *
 * @param least never fewer than these
 * @param most never more than these
 */
public record Parallelism(int least, int most) {
    /** From 1 to 256, by throughput and latency. */
    public static final Parallelism ADAPTIVE = new Parallelism(1, 256);

    public Parallelism {
        if (least < 1 || most < least) {
            throw new IllegalArgumentException(
                    "parallelism must be at least 1, and the upper bound not below the lower: " + least + " to "
                            + most);
        }
    }

    public static Parallelism fixed(int lanes) {
        return new Parallelism(lanes, lanes);
    }

    public boolean isAdaptive() {
        return least < most;
    }
}
