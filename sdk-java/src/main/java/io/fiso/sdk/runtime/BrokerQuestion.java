// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.control.v1.ComponentRegistryGrpc.ComponentRegistryBlockingStub;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.FindBrokerResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Asks the control plane where the broker is, as often as it takes to get an answer: one that is away comes back, or another takes its place. */
final class BrokerQuestion {
    private static final System.Logger LOG = System.getLogger(BrokerQuestion.class.getName());
    /** A broker may have to be started first. Who asks again after this joins those who wait for the same start. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private static final Metadata.Key<String> CODE =
            Metadata.Key.of("fiso-error-code", Metadata.ASCII_STRING_MARSHALLER);
    /** What a control plane says whose own start of a broker failed; one that is out of reach says nothing. */
    private static final String NOT_STARTED = "broker.not_started";

    private final Supplier<ComponentRegistryBlockingStub> stub;
    private final Supplier<FindBrokerRequest> request;
    private final BooleanSupplier closed;
    private final Backoff backoff;

    /**
     * @param stub of the control plane as it is known now
     * @param closed whether the component leaves: then nobody is asked any more
     */
    BrokerQuestion(
            Supplier<ComponentRegistryBlockingStub> stub,
            Supplier<FindBrokerRequest> request,
            BooleanSupplier closed,
            Backoff backoff) {
        this.stub = stub;
        this.request = request;
        this.closed = closed;
        this.backoff = backoff;
    }

    /** Blocks until there is an answer. */
    BrokerAddress ask() throws IOException, InterruptedException {
        boolean told = false;
        while (!closed.getAsBoolean()) {
            try {
                FindBrokerResponse found = stub.get()
                        .withDeadlineAfter(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                        .findBroker(request.get());
                return new BrokerAddress(found.getHost(), found.getPort(), found.getToken());
            } catch (StatusRuntimeException e) {
                if (Thread.interrupted()) {
                    throw interrupted(e);
                }
                if (isAnswer(e)) {
                    throw new IOException(said(e), e);
                }
                if (!told) {
                    LOG.log(
                            System.Logger.Level.INFO,
                            "The control plane cannot be asked for the broker yet: {0}",
                            said(e));
                    told = true;
                }
                Thread.sleep(backoff.nextMillis());
            }
        }
        throw new IOException("this component is leaving: nobody is asked for a broker any more");
    }

    private static InterruptedException interrupted(StatusRuntimeException cause) {
        InterruptedException interrupted = new InterruptedException("interrupted while waiting for a broker");
        interrupted.initCause(cause);
        return interrupted;
    }

    /** Whether the same question would be answered the same again, as far as the one who was asked can tell. */
    private static boolean isAnswer(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case FAILED_PRECONDITION, INVALID_ARGUMENT, UNIMPLEMENTED -> true;
            case UNAVAILABLE ->
                e.getTrailers() != null && NOT_STARTED.equals(e.getTrailers().get(CODE));
            // Out of reach, not the one that knows this instance, or not well: that passes, or the link to it ends this
            // component.
            default -> false;
        };
    }

    private static String said(StatusRuntimeException e) {
        Status status = e.getStatus();
        if (status.getCode() == Status.Code.UNIMPLEMENTED) {
            return "this control plane is too old to be asked for a broker";
        }
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }
}
