// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

/** Ends a command with a {@link Failure}. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Failure failure;

    public CommandException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public CommandException(Failure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
