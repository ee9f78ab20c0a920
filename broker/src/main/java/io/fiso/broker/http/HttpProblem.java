// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import io.fiso.broker.service.GrpcErrors;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is answered with an error. */
final class HttpProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int httpStatus;
    private final Status.Code status;
    private final String code;
    private final transient Map<String, String> headers;

    private HttpProblem(int httpStatus, Status.Code status, String code, String message, Map<String, String> headers) {
        // A problem is an answer: nobody looks at where it was made.
        super(message, null, false, false);
        this.httpStatus = httpStatus;
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    static HttpProblem invalid(String code, String message) {
        return new HttpProblem(400, Status.Code.INVALID_ARGUMENT, code, message, Map.of());
    }

    static HttpProblem of(int httpStatus, Status.Code status, String code, String message) {
        return new HttpProblem(httpStatus, status, code, message, Map.of());
    }

    static HttpProblem of(
            int httpStatus, Status.Code status, String code, String message, Map<String, String> headers) {
        return new HttpProblem(httpStatus, status, code, message, headers);
    }

    /** As a gRPC service ended its call. */
    static HttpProblem of(Status ended, @Nullable Metadata trailers) {
        String known = trailers == null ? null : trailers.get(GrpcErrors.CODE);
        String description = ended.getDescription();
        return new HttpProblem(
                httpStatus(ended.getCode()),
                ended.getCode(),
                known == null ? "broker." + ended.getCode().name().toLowerCase(Locale.ROOT) : known,
                description == null ? "the broker gave no reason; its log may" : description,
                ended.getCode() == Status.Code.UNAUTHENTICATED ? Map.of("WWW-Authenticate", "Bearer") : Map.of());
    }

    /** The mapping that google.rpc.Code gives. */
    static int httpStatus(Status.Code code) {
        return switch (code) {
            case OK -> 200;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }

    int httpStatus() {
        return httpStatus;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** {@code {"error": {"code", "status", "message"}}}. */
    String json() {
        return Json.text(Map.of(
                "error",
                Json.ordered(
                        "code",
                        code,
                        "status",
                        status.name(),
                        "message",
                        Shown.text(String.valueOf(getMessage()), Shown.MESSAGE_MAX))));
    }
}
