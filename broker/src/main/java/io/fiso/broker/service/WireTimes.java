// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import com.google.protobuf.Timestamp;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** Times as they travel. */
final class WireTimes {
    private WireTimes() {}

    static Timestamp of(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static com.google.protobuf.Duration of(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    static Instant instant(Timestamp wire) {
        try {
            return Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos());
        } catch (DateTimeException | ArithmeticException e) {
            throw invalid(e);
        }
    }

    static Duration duration(com.google.protobuf.Duration wire) {
        try {
            return Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
        } catch (ArithmeticException e) {
            throw invalid(e);
        }
    }

    private static BrokerException invalid(RuntimeException cause) {
        return new BrokerException(
                Kind.INVALID,
                "broker.time_invalid",
                "a time in the request is beyond all bounds: " + cause.getMessage(),
                cause);
    }
}
