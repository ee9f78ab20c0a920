// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;

/** The component did not take an event in. That is a failed attempt like any other, but it says nothing about the outside: nothing was asked of it. */
public final class RefusedEventException extends Exception {
    private static final long serialVersionUID = 1;

    private final DeliveryException reason;

    public RefusedEventException(DeliveryException reason) {
        super(reason.getMessage(), reason);
        this.reason = reason;
    }

    /** What the failure counts as. */
    public DeliveryException reason() {
        return reason;
    }
}
