// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** What an entry of the index says of its job, so that counting reads nothing else. */
enum Mark {
    FREE,
    LEASED,
    /** Leased, and a dead letter if that lease runs out. */
    LAST_LEASE;

    private final byte[] bytes = {(byte) ordinal()};

    byte[] bytes() {
        return bytes;
    }

    static Mark of(byte[] bytes) {
        return values()[bytes[0]];
    }

    /** A lease that ran out is none, unless it was the last: its job is on its way to the dead letters. */
    JobState state(long visibleMillis, long now) {
        if (this == LAST_LEASE) {
            return JobState.LEASED;
        }
        if (visibleMillis <= now) {
            return JobState.READY;
        }
        return this == LEASED ? JobState.LEASED : JobState.DELAYED;
    }
}
