// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

/** Bytes that are no CloudEvent; the message says what was found and where. */
public final class MalformedEventException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedEventException(String message) {
        super(message);
    }

    public MalformedEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
