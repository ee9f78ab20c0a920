// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

/** A component cannot go on, and starting it again would be of no use: its run fails. The message says what to do. */
public final class PermanentFailureException extends RuntimeException {
    /** How its process ends; the control plane then does not start it again. */
    public static final int EXIT_STATUS = 65;

    private static final long serialVersionUID = 1;

    public PermanentFailureException(String message) {
        super(message);
    }
}
