// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/** Sends the run's token with every call. */
final class TokenCarrier implements ClientInterceptor {
    private final String value;

    TokenCarrier(String token) {
        this.value = "Bearer " + token;
    }

    @Override
    public <Q, S> ClientCall<Q, S> interceptCall(MethodDescriptor<Q, S> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<S> listener, Metadata headers) {
                headers.put(TokenCheck.AUTHORIZATION, value);
                super.start(listener, headers);
            }
        };
    }
}
