// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.testkit;

/** Components that behave as told, as scripts for a POSIX shell. Each that goes on running writes the line {@code ready} first. */
public final class Scripts {
    /** Runs until a signal ends it, and takes none in hand. Without {@code exec}: in the midst of one a process has no environment to know it by. */
    public static final String HANG = "echo ready; sleep 300; exit 0";

    /** Fails before it does anything, and says why. */
    public static final String START_ERROR = "echo starting >&2; echo no such topic >&2; exit 3";

    /** Leaves in order when asked. */
    public static final String DRAIN = "trap 'echo drained; exit 0' TERM; echo ready; while :; do sleep 0.05; done";

    /** Does not leave when asked. */
    public static final String IGNORE_TERMINATE = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

    /** Has a child in its own session, and one that left it; writes the process id of each. */
    public static final String FORK_CHILDREN =
            "sleep 300 & echo $! ; setsid sleep 300 & sleep 0.2; echo $!; echo ready; wait";

    /** Dies and leaves a child behind, whose process id it writes. */
    public static final String LEAVE_CHILD = "setsid sleep 300 & echo $!; sleep 0.2; exit 1";

    private Scripts() {}

    /** Ends with this exit code. */
    public static String exit(int code) {
        return "exit " + code;
    }

    /** Runs for a while, and ends by a signal of its own. */
    public static String dieAfter(double seconds, String signal) {
        return "echo ready; sleep " + seconds + "; kill -" + signal + " $$; sleep 300";
    }

    /** Writes numbered lines to standard output, {@code line 1} and on, with a pause after each. */
    public static String count(int lines, String pauseSeconds) {
        return "i=0; while [ $i -lt " + lines + " ]; do i=$((i+1)); echo line $i; sleep " + pauseSeconds
                + "; done; echo ready; sleep 300; exit 0";
    }
}
