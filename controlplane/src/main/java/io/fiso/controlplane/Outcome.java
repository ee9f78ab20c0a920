// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/** How a run ends. */
sealed interface Outcome {
    /** Every source ended and everything is settled. */
    record Completed() implements Outcome {}

    /**
     * Stopped on request.
     *
     * @param uncommitted events accepted and not settled, which the next run will see again
     * @param killed whether it was not allowed to drain
     */
    record Stopped(long uncommitted, boolean killed) implements Outcome {
        Stopped leaving(long count) {
            return new Stopped(count, killed);
        }
    }

    /** Ended by an error. */
    record Failed(Failure failure) implements Outcome {}
}
