// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

/** An event could not be transformed; the message says which field and why, and never contains the payload. */
public final class TransformException extends Exception {
    private static final long serialVersionUID = 1;

    /** The error code that dead letters of failed transforms carry. */
    public static final String CODE = "TRANSFORM_FAILED";

    public TransformException(String message) {
        super(message);
    }

    public TransformException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@link #CODE}. */
    public String code() {
        return CODE;
    }
}
