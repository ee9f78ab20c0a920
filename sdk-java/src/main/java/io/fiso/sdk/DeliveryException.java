// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An attempt failed, and whether trying again may help. */
public final class DeliveryException extends Exception {
    private static final long serialVersionUID = 1;

    /** What trying again may bring. */
    public enum Kind {
        /** It may work later: 429, 502, 503, 504, timeout, DNS, connection. Retried with backoff. */
        TRANSIENT,
        /** It will never work: 400, 401, 403, 404, 422, bad data. Dead-lettered at once. */
        PERMANENT,
        /** Nobody knows: 500 and anything unclassified. Retried, then dead-lettered. */
        UNKNOWN
    }

    private final Kind kind;
    private final String code;
    private final transient Optional<Duration> retryAfter;

    public DeliveryException(
            Kind kind, String code, String message, @Nullable Throwable cause, Optional<Duration> retryAfter) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    /** Statuses of HTTP that may go away by themselves, unless the pipeline lists others in {@code retryableStatusCodes}. */
    public static final List<Integer> TRANSIENT_STATUSES = List.of(429, 502, 503, 504);

    private static final Set<Integer> PERMANENT_STATUSES = Set.of(400, 401, 403, 404, 422);

    /**
     * The failure that a status of HTTP is, by default; its code is the status. Redirects count as permanent: they are not followed.
     *
     * @param retryAfter how long the answer asked to wait
     */
    public static DeliveryException ofStatus(int status, String message, Optional<Duration> retryAfter) {
        boolean redirect = status >= 300 && status < 400;
        Kind kind = redirect || PERMANENT_STATUSES.contains(status)
                ? Kind.PERMANENT
                : TRANSIENT_STATUSES.contains(status) ? Kind.TRANSIENT : Kind.UNKNOWN;
        return new DeliveryException(kind, Integer.toString(status), message, null, retryAfter);
    }

    /** The same failure, of another kind. */
    public DeliveryException as(Kind other) {
        return other == kind
                ? this
                : new DeliveryException(other, code, String.valueOf(getMessage()), getCause(), retryAfter());
    }

    /** A failure that will never heal. */
    public static DeliveryException permanent(String code, String message) {
        return new DeliveryException(Kind.PERMANENT, code, message, null, Optional.empty());
    }

    /** A failure that may heal. */
    public static DeliveryException transientFailure(String code, String message) {
        return new DeliveryException(Kind.TRANSIENT, code, message, null, Optional.empty());
    }

    /** A failure nobody can classify. */
    public static DeliveryException unknown(String code, String message, Throwable cause) {
        return new DeliveryException(Kind.UNKNOWN, code, message, cause, Optional.empty());
    }

    public Kind kind() {
        return kind;
    }

    /** The stable code, or HTTP status, that goes into the dead letter. */
    public String code() {
        return code;
    }

    /** How long the outside asked to wait; honoured if it is longer than the backoff. */
    public Optional<Duration> retryAfter() {
        return retryAfter == null ? Optional.empty() : retryAfter;
    }
}
