// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.time.Duration;

/** How long a key lives. */
public sealed interface Life {
    /** As its store says. */
    record Default() implements Life {}

    /** Until it is deleted. */
    record Forever() implements Life {}

    /** @param ttl 1 ms to 3660 days */
    record For(Duration ttl) implements Life {
        private static final Duration TTL_MAX = Duration.ofDays(3_660);

        /** @throws BrokerException if it cannot be */
        public For {
            if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(TTL_MAX) > 0) {
                throw new BrokerException(
                        Kind.INVALID, "broker.ttl_invalid", "ttl is " + ttl + "; it can be 1 ms to 3660 days");
            }
        }
    }
}
