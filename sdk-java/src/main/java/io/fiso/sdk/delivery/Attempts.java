// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Decides what a failed attempt means: again later, or never. */
final class Attempts {
    private final String component;
    private final RetryPolicy policy;
    private final RandomGenerator random;
    private final boolean sink;
    private long retries;

    Attempts(String component, RetryPolicy policy, RandomGenerator random, boolean sink) {
        this.component = component;
        this.policy = policy;
        this.random = random;
        this.sink = sink;
    }

    long retries() {
        return retries;
    }

    void retried() {
        retries++;
    }

    DeliveryException classify(Exception reason) {
        if (reason instanceof DeliveryException classified) {
            return classified;
        }
        String message = reason.getMessage() == null
                ? reason.getClass().getSimpleName()
                : reason.getClass().getSimpleName() + ": " + reason.getMessage();
        return sink
                ? DeliveryException.unknown("SINK_DELIVERY_FAILED", message, reason)
                : DeliveryException.permanent("TRANSFORM_FAILED", message);
    }

    /** Whether this many attempts are all there are. */
    boolean spent(DeliveryException reason, int attempts) {
        return reason.kind() == DeliveryException.Kind.PERMANENT || attempts >= policy.maxAttempts();
    }

    long delayNanos(DeliveryException reason, int attempts) {
        long asked = reason.retryAfter().map(Duration::toNanos).orElse(0L);
        return policy.delayNanos(attempts, asked, random);
    }

    Failure failure(DeliveryException reason, int attempts, byte[] buffer, int offset, int length) {
        String message = reason.getMessage() == null ? "" : reason.getMessage();
        return new Failure(
                reason.code(), message, attempts, component, EventFields.text(buffer, offset, length, EventFields.ID));
    }
}
