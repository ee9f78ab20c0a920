// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** Maps errors to gRPC: the only class that does. The stable code travels in the trailer {@code fiso-error-code}. */
public final class GrpcErrors {
    public static final Metadata.Key<String> CODE =
            Metadata.Key.of("fiso-error-code", Metadata.ASCII_STRING_MARSHALLER);

    private static final System.Logger LOG = System.getLogger(GrpcErrors.class.getName());

    private GrpcErrors() {}

    /** Answers a unary call with a result or with what went wrong. */
    public static <A> void answer(StreamObserver<A> observer, Supplier<A> result) {
        A answer;
        try {
            answer = result.get();
        } catch (Throwable e) { // An Error too: who is not answered waits for ever.
            observer.onError(toStatus(e));
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** What is none of the broker's own errors is logged, and answered as an internal one. */
    public static StatusRuntimeException toStatus(Throwable error) {
        if (error instanceof StatusRuntimeException status) {
            return status;
        }
        if (error instanceof BrokerException known) {
            Metadata trailers = new Metadata();
            trailers.put(CODE, known.code());
            return status(known.kind()).withDescription(known.getMessage()).asRuntimeException(trailers);
        }
        LOG.log(System.Logger.Level.ERROR, "broker: a call failed", error);
        return Status.INTERNAL
                .withDescription("internal error: " + error + "; the log has more")
                .asRuntimeException();
    }

    private static Status status(BrokerException.Kind kind) {
        return switch (kind) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case EXISTS -> Status.ALREADY_EXISTS;
            case REFUSED -> Status.FAILED_PRECONDITION;
            case OUT_OF_RANGE -> Status.OUT_OF_RANGE;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case DENIED -> Status.PERMISSION_DENIED;
            case INTERNAL -> Status.INTERNAL;
        };
    }
}
