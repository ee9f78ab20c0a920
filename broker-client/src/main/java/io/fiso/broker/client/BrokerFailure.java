// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Locale;
import java.util.Optional;

/** What a broker answered instead of what was asked, or that it did not answer. */
public final class BrokerFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Metadata.Key<String> CODE =
            Metadata.Key.of("fiso-error-code", Metadata.ASCII_STRING_MARSHALLER);

    private final String code;
    private final Status.Code status;

    private BrokerFailure(String code, Status.Code status, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.status = status;
    }

    /**
     * What a call ended with.
     *
     * @param address whom it was made to, for the message of a broker that is out of reach
     */
    public static BrokerFailure of(StatusRuntimeException e, BrokerAddress address) {
        Status status = e.getStatus();
        String code = Optional.ofNullable(e.getTrailers())
                .map(trailers -> trailers.get(CODE))
                .orElse("broker." + status.getCode().name().toLowerCase(Locale.ROOT));
        String said = Optional.ofNullable(status.getDescription()).orElse("it answered " + status.getCode());
        boolean unreachable = status.getCode() == Status.Code.UNAVAILABLE && code.equals("broker.unavailable");
        String message = unreachable ? "the broker at " + address + " cannot be reached: " + root(status, said) : said;
        return new BrokerFailure(code, status.getCode(), message, e);
    }

    /** gRPC says "io exception", and what it was lies beneath. */
    private static String root(Status status, String said) {
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String why = cause == null ? null : cause.getMessage();
        return why == null || why.isBlank() ? said : why;
    }

    /** The broker's stable dotted code, such as {@code broker.unknown_resource}; {@code broker.<status>} if it gave none. */
    public String code() {
        return code;
    }

    /** The status of the call. */
    public Status.Code status() {
        return status;
    }

    /** Whether no broker answered, or one that is ending: its successor may be there in a moment. What was asked for may have happened. */
    public boolean away() {
        return code.equals("broker.unavailable") || code.equals("broker.closed");
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isTransient() {
        return switch (status) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, CANCELLED -> true;
            default -> false;
        };
    }
}
