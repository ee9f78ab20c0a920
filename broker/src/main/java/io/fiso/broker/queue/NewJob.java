// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.time.Duration;
import java.time.Instant;

/**
 * A job to be added.
 *
 * @param priority 0 to 9; 9 is handed out first
 */
public record NewJob(Content content, int priority, When when) {
    public static final int PRIORITY_MAX = 9;

    /** @throws BrokerException if there is no such priority */
    public NewJob {
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.priority_invalid",
                    "priority is " + Integer.toUnsignedString(priority) + "; it can be 0 to 9");
        }
    }

    /** When it can be handed out. */
    public sealed interface When {
        /** At once. */
        When NOW = new In(Duration.ZERO);

        /** So long after it was added. */
        record In(Duration delay) implements When {}

        /** Not before a moment. */
        record At(Instant moment) implements When {}
    }
}
