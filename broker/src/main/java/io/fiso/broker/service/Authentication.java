// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.access.Access;
import io.fiso.broker.access.Caller;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;

/** Refuses every call whose token nobody has, and says who makes the others ({@link Caller#current}). Of health checks no token is asked. */
public final class Authentication implements ServerInterceptor {
    /** What a caller shows. */
    public static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** The code of a refusal. */
    public static final String CODE = "broker.unauthenticated";

    /** What is said with a refusal. */
    public static final String MESSAGE =
            "\"authorization: Bearer <token>\" is missing or wrong; the tokens stand in the broker's access.json";

    private static final String HEALTH = "grpc.health.v1.Health";

    private final Access access;

    public Authentication(Access access) {
        this.access = access;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (HEALTH.equals(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        String shown = headers.get(AUTHORIZATION);
        Optional<Caller> caller = shown == null ? Optional.empty() : access.authenticate(shown);
        if (caller.isEmpty()) {
            Metadata trailers = new Metadata();
            trailers.put(GrpcErrors.CODE, CODE);
            call.close(Status.UNAUTHENTICATED.withDescription(MESSAGE), trailers);
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(Caller.KEY, caller.get()), call, headers, next);
    }
}
