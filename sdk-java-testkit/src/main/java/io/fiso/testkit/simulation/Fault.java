// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/**
 * One thing that goes wrong, and heals.
 *
 * @param kind what goes wrong
 * @param atNanos when
 * @param forNanos how long, for faults that last
 * @param component whom it meets
 */
public record Fault(Kind kind, long atNanos, long forNanos, int component) {
    /** What may go wrong. */
    public enum Kind {
        /** The process is killed and comes back as a new generation. */
        CRASH,
        /** The process is cut off and replaced, and comes back to life beside its replacement. */
        ZOMBIE,
        /** A source or processor is replaced, and goes on beside its replacement as if nothing had happened. */
        LINGER,
        /** Nothing goes wrong: the whole pipeline is stopped as a user stops it, and started again. */
        DRAIN,
        /** A source loses a partition and is given it again, as in a rebalance. */
        REVOKE,
        /** Every connection of the component breaks, with what is on it. */
        DISCONNECT,
        /** A sink's outside fails every attempt transiently. */
        OUTAGE,
        /** User code does not answer. */
        BLOCK,
        /** The dead letter store refuses. */
        DEAD_LETTERS_DOWN
    }
}
