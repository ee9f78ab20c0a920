// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.schema.DataSchema;

/** An event could not be transformed; the message says which field and why, and never contains the payload. */
public final class TransformException extends Exception {
    private static final long serialVersionUID = 1;

    /** The error code that dead letters of failed transforms carry. */
    public static final String CODE = "TRANSFORM_FAILED";

    /** The error code of outputs that do not satisfy their schema. */
    public static final String VALIDATION_CODE = DataSchema.CODE;

    private final String code;

    public TransformException(String message) {
        super(message);
        this.code = CODE;
    }

    public TransformException(String message, Throwable cause) {
        super(message, cause);
        this.code = CODE;
    }

    private TransformException(String code, String message) {
        super(message);
        this.code = code;
    }

    static TransformException invalid(String message) {
        return new TransformException(VALIDATION_CODE, message);
    }

    /** {@link #CODE} or {@link #VALIDATION_CODE}. */
    public String code() {
        return code;
    }
}
