// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.time.Duration;

/**
 * When so much fails that a source had better stop: going on would empty it into the dead letters.
 *
 * @param rate the share of failed events among those with a fate, more than 0 and at most 1
 * @param minEvents how many must have a fate within the window
 * @param window how far back it looks
 */
public record ErrorRate(double rate, int minEvents, Duration window) {
    /** Half of at least 50 events within 30 s. */
    public static final ErrorRate DEFAULT = new ErrorRate(0.5, 50, Duration.ofSeconds(30));

    public ErrorRate {
        if (!(rate > 0 && rate <= 1) || minEvents < 1 || !window.isPositive()) {
            throw new IllegalArgumentException(
                    "an error rate is more than 0 and at most 1, over at least 1 event and some time: " + rate + ", "
                            + minEvents + ", " + window);
        }
    }
}
