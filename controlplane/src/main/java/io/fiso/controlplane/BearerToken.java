// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.BiPredicate;

/** The token that every call carries. */
final class BearerToken {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String PREFIX = "Bearer ";

    private BearerToken() {}

    /** 256 random bits in hex. */
    static String random() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static ClientInterceptor attaching(String token) {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, PREFIX + token);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    /** Compares in constant time, so that a guess learns nothing from how long the answer takes. */
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Refuses every call whose token is not accepted.
     *
     * @param accepted by name of the service and token
     */
    static ServerInterceptor requiring(BiPredicate<String, String> accepted) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                String value = headers.get(AUTHORIZATION);
                String service = String.valueOf(call.getMethodDescriptor().getServiceName());
                if (value == null
                        || !value.startsWith(PREFIX)
                        || !accepted.test(service, value.substring(PREFIX.length()))) {
                    call.close(
                            Status.UNAUTHENTICATED.withDescription(
                                    "metadata \"authorization: Bearer <token>\" is missing or wrong; the token stands in control.json"),
                            new Metadata());
                    return new ServerCall.Listener<>() {};
                }
                return next.startCall(call, headers);
            }
        };
    }
}
