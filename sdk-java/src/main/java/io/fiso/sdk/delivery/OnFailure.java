// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** What becomes of an event that a component gives up on: its attempts are spent, or the failure is for good. */
public enum OnFailure {
    /** Its fate is failed: the source stores it as a dead letter, and those behind it flow. */
    DEAD_LETTER,
    /** It stays unsettled at the head of its lane and is tried again every {@code maxInterval}; the other keys flow. */
    HOLD,
    /** The component fails with it, and so does the run; it stays unsettled, and is not tried again before the next run. */
    FAIL,
    /** Its fate is dropped, and counted as that. */
    SKIP
}
