// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;

/** Numbers as options have them. */
final class NumberOptions {
    private NumberOptions() {}

    /** @throws CommandException exit code 2, if it is not */
    static void within(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    option + " " + value + " is " + (value < min ? "less" : "more") + " than possible",
                    "it can be " + (max == Long.MAX_VALUE ? min + " or more" : min + " to " + max)));
        }
    }
}
