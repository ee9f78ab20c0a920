// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.output;

/** What a shell sees. */
public final class ExitCode {
    /** It worked. */
    public static final int OK = 0;

    /** It was tried, and failed. */
    public static final int FAILED = 1;

    /** What was asked for makes no sense: an argument, a file, a configuration. */
    public static final int INVALID = 2;

    /** Something outside is not as needed: a server, a broker, a driver, a port. */
    public static final int ENVIRONMENT = 3;

    /** Killed by a second Ctrl-C. */
    public static final int INTERRUPTED = 130;

    /** Killed by a second SIGTERM. */
    public static final int TERMINATED = 143;

    private ExitCode() {}
}
