// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** What can be said of a job at one moment. */
public enum JobState {
    /** Can be handed out. */
    READY,
    /** Waits for its time. */
    DELAYED,
    /** Is handed out. */
    LEASED
}
