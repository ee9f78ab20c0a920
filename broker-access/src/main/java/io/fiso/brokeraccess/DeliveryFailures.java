// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.broker.client.BrokerFailure;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.grpc.Status;
import java.io.IOException;
import java.util.Optional;

/** What a call that failed means for the events that it should have delivered. */
public final class DeliveryFailures {
    private static final String DELIVERY_FAILED = "SINK_DELIVERY_FAILED";

    private final BrokerTarget target;

    public DeliveryFailures(BrokerTarget target) {
        this.target = target;
    }

    /** The broker did not take them. What it can never take is permanent; all else may heal, and holds for every event: it opens the circuit. */
    public DeliveryException of(BrokerFailure failure) {
        boolean never = failure.status() == Status.Code.INVALID_ARGUMENT;
        return new DeliveryException(
                never ? Kind.PERMANENT : Kind.TRANSIENT,
                never && failure.code().endsWith("_too_large") ? "EVENT_TOO_LARGE" : DELIVERY_FAILED,
                target + ": " + failure.getMessage() + " (" + failure.code() + ")" + remedy(failure),
                failure,
                Optional.empty());
    }

    /** There is no broker. */
    public DeliveryException of(IOException failure) {
        return new DeliveryException(
                Kind.TRANSIENT, DELIVERY_FAILED, target + ": " + failure.getMessage(), failure, Optional.empty());
    }

    private String remedy(BrokerFailure failure) {
        return failure.code().equals("broker.resource_not_found") && !target.create()
                ? "; make it, or say create: true"
                : "";
    }
}
