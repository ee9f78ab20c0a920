// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Decides what a failed attempt means: again later, or never. */
final class Attempts {
    /** Codes come from the author's code; what is counted by them must stay bounded. */
    private static final int CODES_MAX = 64;

    /** Longer than the component lives once it has failed. */
    private static final long NEVER_NANOS = Duration.ofDays(365).toNanos();

    private final String component;
    private final RetryPolicy policy;
    private final OnFailure onFailure;
    private final Effects effects;
    private final RandomGenerator random;
    private final boolean sink;
    private final HeldEvents held = new HeldEvents();
    private final Map<String, Long> gaveUp = new HashMap<>();
    private long retries;
    private long failed;

    Attempts(DeliverySettings settings, Effects effects, RandomGenerator random, boolean sink) {
        this.component = settings.component();
        this.policy = settings.retry();
        this.onFailure = settings.onFailure();
        this.effects = effects;
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

    private void count(Failure failure) {
        boolean room = gaveUp.size() < CODES_MAX || gaveUp.containsKey(failure.code());
        gaveUp.merge(room ? failure.code() : "OTHER", 1L, Long::sum);
    }

    /**
     * Takes an event whose attempts are over. True if its fate is decided; false if it stays, to be tried again after {@link #holdNanos}.
     *
     * @param flags those of its record
     * @param event tells it apart from others that are held
     * @param key its order key, for people
     */
    boolean giveUp(InputLedger ledger, long sequence, int flags, Object event, String key, Failure failure) {
        // Who injected an event is told of its failure, and decides.
        boolean injected = ledger instanceof Injected || (flags & Records.INJECTED) != 0;
        switch (injected ? OnFailure.DEAD_LETTER : onFailure) {
            case DEAD_LETTER -> {
                count(failure);
                ledger.decide(sequence, Fate.FAILED, failure);
                return true;
            }
            case SKIP -> {
                count(failure);
                ledger.decide(sequence, Fate.DROPPED, null);
                return true;
            }
            case HOLD -> held.hold(event, key, failure);
            case FAIL -> {
                held.hold(event, key, failure);
                effects.failed(failure);
            }
        }
        return false;
    }

    /** The event's fate is decided, or nobody wants it any more. */
    void over(Object event) {
        held.release(event);
    }

    /** The same for all of these. */
    void overIf(Predicate<Object> condition) {
        held.releaseIf(condition);
    }

    /** Which event is held, and why; empty if none is. */
    String holding() {
        return held.text();
    }

    /** How long an event waits that may not be given up. After a failure of the whole component it is not tried again: the next run begins with it. */
    long holdNanos(DeliveryException reason) {
        return onFailure == OnFailure.FAIL ? NEVER_NANOS : policy.holdNanos(retryAfterNanos(reason), random);
    }

    static long retryAfterNanos(DeliveryException reason) {
        return reason.retryAfter().map(Duration::toNanos).orElse(0L);
    }

    /** Takes a failed attempt, and says what kind of failure it is. */
    DeliveryException classify(Exception reason) {
        failed++;
        if (reason instanceof DeliveryException classified) {
            return classified;
        }
        if (reason instanceof RefusedEventException refused) {
            return refused.reason();
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
        return policy.delayNanos(attempts, retryAfterNanos(reason), random);
    }

    Failure failure(DeliveryException reason, int attempts, byte[] buffer, int offset, int length) {
        String message = reason.getMessage() == null ? "" : reason.getMessage();
        return new Failure(
                reason.code(), message, attempts, component, EventFields.text(buffer, offset, length, EventFields.ID));
    }
}
