// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import org.jspecify.annotations.Nullable;

/** A driver could not do what it was asked; the message says what was found and what to do. */
public final class DriverException extends Exception {
    private static final long serialVersionUID = 1;
    private final String code;

    public DriverException(String code, String message) {
        this(code, message, null);
    }

    public DriverException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** A stable dotted code: {@code driver.program_not_found}. */
    public String code() {
        return code;
    }
}
