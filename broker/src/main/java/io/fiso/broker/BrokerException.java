// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker;

import org.jspecify.annotations.Nullable;

/** The broker could not do what it was asked. Whatever was asked has left no trace. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What kind of answer a caller gets. */
    public enum Kind {
        /** The request itself is wrong: the caller's to mend. */
        INVALID,
        /** There is no such resource, group, job or key. */
        NOT_FOUND,
        /** What was to be created is there already, with other settings. */
        EXISTS,
        /** A token, generation or revision that does not hold, or no longer. */
        REFUSED,
        /** Before what is kept, or past what there is. */
        OUT_OF_RANGE,
        /** A bound is reached: disk, bytes, waiting requests. The same request may pass later. */
        EXHAUSTED,
        /** The store takes no writes, or the disk gave an error. */
        UNAVAILABLE,
        /** The caller may not do this. */
        DENIED,
        /** A fault of Fiso's own. */
        INTERNAL
    }

    private final Kind kind;
    private final String code;

    public BrokerException(Kind kind, String code, String message) {
        this(kind, code, message, null);
    }

    public BrokerException(Kind kind, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    /** A stable dotted code: {@code broker.resource_not_found}. */
    public String code() {
        return code;
    }
}
