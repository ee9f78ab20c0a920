// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.access.Caller;
import io.fiso.broker.service.AccessRules.LeftToService;
import io.fiso.broker.service.AccessRules.Needs;
import io.fiso.broker.service.AccessRules.Rule;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Holds every message of every call against what its caller is granted, before a service sees it: the one place that does, below gRPC and HTTP alike.
 * A refusal ends the call. Of a stream of requests the first has to name a resource, and each that names one is checked.
 */
public final class Authorisation implements ServerInterceptor {
    private final AccessRules rules;

    public Authorisation(AccessRules rules) {
        this.rules = rules;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Rule rule = rules.of(call.getMethodDescriptor().getFullMethodName()).orElse(null);
        return switch (rule) {
            // Not one of the broker's own services: health, reflection.
            case null -> next.startCall(call, headers);
            case LeftToService() -> next.startCall(call, headers);
            case Needs needs -> {
                RefusableCall<Q, A> refusable = new RefusableCall<>(call);
                yield new Checking<>(refusable, needs, Caller.current(), next.startCall(refusable, headers));
            }
        };
    }

    private static final class Checking<Q> extends ForwardingServerCallListener<Q> {
        private final RefusableCall<Q, ?> call;
        private final Needs rule;
        private final Caller caller;
        private final ServerCall.Listener<Q> next;
        private final AtomicBoolean named = new AtomicBoolean();
        private boolean refused;

        Checking(RefusableCall<Q, ?> call, Needs rule, Caller caller, ServerCall.Listener<Q> next) {
            this.call = call;
            this.rule = rule;
            this.caller = caller;
            this.next = next;
        }

        @Override
        protected ServerCall.Listener<Q> delegate() {
            return next;
        }

        @Override
        public void onMessage(Q message) {
            if (refused) {
                return;
            }
            try {
                AccessRules.check(rule, caller, message, named);
            } catch (RuntimeException e) {
                refused = true;
                StatusRuntimeException refusal = GrpcErrors.toStatus(e);
                call.refuse(refusal.getStatus(), Objects.requireNonNullElseGet(refusal.getTrailers(), Metadata::new));
                // A service that has begun with this call lets go of what it took for it.
                next.onCancel();
                return;
            }
            next.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                next.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            if (!refused) {
                next.onReady();
            }
        }

        @Override
        public void onCancel() {
            if (!refused) {
                next.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!refused) {
                next.onComplete();
            }
        }
    }
}
