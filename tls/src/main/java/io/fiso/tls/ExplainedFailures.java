// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Says of calls that failed because of TLS that it was TLS, with whom, and what was wrong, where gRPC says "io exception". Logged once for each reason in
 * a row; told to the caller every time.
 */
final class ExplainedFailures implements ClientInterceptor {
    private static final System.Logger LOG = System.getLogger("io.fiso.tls");

    private final String dialled;
    private final AtomicReference<String> logged = new AtomicReference<>("");

    /** @param dialled whom, and where: for messages */
    ExplainedFailures(String dialled) {
        this.dialled = dialled;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<A>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                super.onClose(explained(status), trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private Status explained(Status status) {
        if (status.isOk()) {
            logged.set("");
            return status;
        }
        return TlsFailure.reason(status.getCause())
                .map(reason -> {
                    String message = "no TLS connection to " + dialled + ": " + reason;
                    if (!message.equals(logged.getAndSet(message))) {
                        LOG.log(System.Logger.Level.WARNING, message);
                    }
                    return status.withDescription(message);
                })
                .orElse(status);
    }
}
