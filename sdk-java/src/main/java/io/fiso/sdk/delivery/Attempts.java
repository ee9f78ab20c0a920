// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Decides what a failed attempt means: again later, or never. */
final class Attempts {
    /** Codes come from the author's code; what is counted by them must stay bounded. */
    private static final int CODES_MAX = 64;

    private final String component;
    private final RetryPolicy policy;
    private final RandomGenerator random;
    private final boolean sink;
    private final Map<String, Long> gaveUp = new HashMap<>();
    private long retries;
    private long failed;

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

    /** How many attempts failed here. */
    long failedInAll() {
        return failed;
    }

    /** How many events were given up here, by error code. */
    Map<String, Long> gaveUp() {
        return Map.copyOf(gaveUp);
    }

    /** Counts a failure that was made here, not further down. */
    Failure gaveUp(Failure failure) {
        boolean room = gaveUp.size() < CODES_MAX || gaveUp.containsKey(failure.code());
        gaveUp.merge(room ? failure.code() : "OTHER", 1L, Long::sum);
        return failure;
    }

    /** Takes a failed attempt, and says what kind of failure it is. */
    DeliveryException classify(Exception reason) {
        failed++;
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
        return gaveUp(new Failure(
                reason.code(), message, attempts, component, EventFields.text(buffer, offset, length, EventFields.ID)));
    }
}
