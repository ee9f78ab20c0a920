// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** What became of an event. Ordered by weight: where paths disagree, the heavier fate stands. */
public enum Fate {
    /** A rule decided against it, or it matched no edge. */
    FILTERED,
    /** Every sink behind has it. */
    DELIVERED,
    /** It is durably part of a component's state, with a successor that will be emitted. */
    ABSORBED,
    /** A policy that the user wrote dropped it. */
    DROPPED,
    /** A component gave up on it; the source writes the dead letter. */
    FAILED;

    private static final Fate[] VALUES = values();

    /** The fate with this {@link #ordinal()}. */
    public static Fate of(int ordinal) {
        return VALUES[ordinal];
    }
}
