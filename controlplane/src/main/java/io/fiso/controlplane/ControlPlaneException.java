// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import org.jspecify.annotations.Nullable;

/** The control plane could not do what it was asked. */
public final class ControlPlaneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What kind of answer a caller gets. */
    public enum Kind {
        /** The request itself is wrong: the user's to mend. */
        INVALID,
        /** There is no such run or component. */
        NOT_FOUND,
        /** What was asked for is there already. */
        EXISTS,
        /** The caller was replaced, or the thing is not in a state that allows it. */
        REFUSED,
        /** A port, file, driver or program outside is not as needed. */
        ENVIRONMENT,
        /** A fault of Fiso's own. */
        INTERNAL
    }

    private final Kind kind;
    private final String code;

    public ControlPlaneException(Kind kind, String code, String message) {
        this(kind, code, message, null);
    }

    public ControlPlaneException(Kind kind, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    /** A stable dotted code: {@code run.already_active}. */
    public String code() {
        return code;
    }
}
