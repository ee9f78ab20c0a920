// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

/** What must hold for a change to be made. */
public sealed interface Condition {
    /** Nothing. */
    Condition NONE = new None();

    /** See {@link #NONE}. */
    record None() implements Condition {}

    /** The key is not there. */
    record Absent() implements Condition {}

    /** The key has this revision. */
    record Revision(long revision) implements Condition {}
}
