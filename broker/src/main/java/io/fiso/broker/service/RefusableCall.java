// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** A call that may be ended from beside its service: what the service still answers then goes nowhere. Thread-safe. */
final class RefusableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean refused;
    private boolean closed;

    RefusableCall(ServerCall<Q, A> call) {
        super(call);
    }

    synchronized void refuse(Status status, Metadata trailers) {
        refused = true;
        if (!closed) {
            super.close(status, trailers);
        }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!refused) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!refused) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!refused) {
            closed = true;
            super.close(status, trailers);
        }
    }

    @Override
    public synchronized boolean isCancelled() {
        return refused || super.isCancelled();
    }

    @Override
    public synchronized boolean isReady() {
        return !refused && super.isReady();
    }
}
