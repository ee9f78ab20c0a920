// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/** What an answer, or its absence, says about trying again. */
final class Responses {
    private static final String DELIVERY_FAILED = "SINK_DELIVERY_FAILED";

    private final String endpoint;
    private final Clock clock;

    /** @param endpoint how messages name the endpoint: without user, query or fragment, which may hold secrets */
    Responses(String endpoint, Clock clock) {
        this.endpoint = endpoint;
        this.clock = clock;
    }

    /** The failure that a status other than 2xx is. */
    DeliveryException refused(int status, @Nullable String location, @Nullable String retryAfter) {
        String message = endpoint + " answered " + status;
        if (status >= 300 && status < 400) {
            message += " to " + location + "; redirects are not followed: put the final address into \"url\"";
        }
        return DeliveryException.ofStatus(status, message, retryAfter(retryAfter));
    }

    /** The failure that no answer is. */
    DeliveryException unanswered(Exception failure, Duration timeout) {
        String cause = switch (failure) {
            case UnknownHostException _ -> "the host name is unknown";
            case ConnectTimeoutException _ -> "no connection within " + timeout.toMillis() + " ms";
            case ConnectionRequestTimeoutException _ ->
                "no connection was free within " + timeout.toMillis() + " ms; see \"connections\"";
            case ConnectException _ -> "connection refused";
            case SocketTimeoutException _ -> "no answer within " + timeout.toMillis() + " ms";
            case NoHttpResponseException _ -> "the connection was closed without an answer";
            default -> failure.toString();
        };
        return new DeliveryException(
                Kind.TRANSIENT, DELIVERY_FAILED, endpoint + ": " + cause, failure, Optional.empty());
    }

    private Optional<Duration> retryAfter(@Nullable String header) {
        if (header == null) {
            return Optional.empty();
        }
        String value = header.strip();
        try {
            if (!value.isEmpty() && value.chars().allMatch(Character::isDigit)) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
            }
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ENGLISH))
                    .toInstant();
            Duration wait = Duration.between(clock.instant(), until);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException | NumberFormatException _) {
            return Optional.empty();
        }
    }
}
