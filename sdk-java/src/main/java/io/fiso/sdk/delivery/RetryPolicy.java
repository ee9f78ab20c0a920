// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how fast an attempt is repeated.
 *
 * @param maxAttempts calls in all, the first included
 * @param backoff how the wait grows
 * @param initialInterval the first wait
 * @param maxInterval no wait is longer, except one the outside asked for
 * @param jitter a wait varies by this fraction, up and down
 */
public record RetryPolicy(
        int maxAttempts, Backoff backoff, Duration initialInterval, Duration maxInterval, double jitter) {
    /** How a wait grows from one attempt to the next. */
    public enum Backoff {
        CONSTANT,
        LINEAR,
        EXPONENTIAL
    }

    /** 3 attempts, exponential from 200 ms to 30 s, ±20 %. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(3, Backoff.EXPONENTIAL, Duration.ofMillis(200), Duration.ofSeconds(30), 0.2);

    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1, was " + maxAttempts);
        }
        if (jitter < 0 || jitter > 1) {
            throw new IllegalArgumentException("jitter must be from 0 to 1, was " + jitter);
        }
    }

    /** The wait of an event that may not be given up, once its attempts are spent. */
    long holdNanos(long retryAfterNanos, RandomGenerator random) {
        double wait = maxInterval.toNanos() * (1 + jitter * (2 * random.nextDouble() - 1));
        return Math.max((long) wait, retryAfterNanos);
    }

    /** The wait after this many attempts have failed. */
    public long delayNanos(int failedAttempts, long retryAfterNanos, RandomGenerator random) {
        double initial = initialInterval.toNanos();
        double wait = switch (backoff) {
            case CONSTANT -> initial;
            case LINEAR -> initial * failedAttempts;
            case EXPONENTIAL -> initial * Math.pow(2, Math.min(failedAttempts - 1, 60));
        };
        wait = Math.min(wait, maxInterval.toNanos());
        wait *= 1 + jitter * (2 * random.nextDouble() - 1);
        return Math.max((long) wait, retryAfterNanos);
    }
}
