// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.Status;

/** What an engine's words for an end mean. */
final class Ends {
    private static final int SIGNAL_BASE = 128;
    private static final int SIGNAL_MAX = 64;

    private Ends() {}

    /**
     * How a container ended.
     *
     * @param exitCode its own, or 128 and the number of the signal that ended it
     * @param outOfMemory whether the kernel killed something in it for want of memory
     * @param limitBytes its memory limit; 0 means none
     */
    static Status.Ended of(long exitCode, boolean outOfMemory, long limitBytes) {
        boolean signalled = exitCode > SIGNAL_BASE && exitCode <= SIGNAL_BASE + SIGNAL_MAX;
        Status.Ended end =
                signalled ? Status.Ended.signal((int) exitCode - SIGNAL_BASE) : Status.Ended.exit((int) exitCode);
        // One that lost a child to the limit and still ended well was not ended by it.
        return outOfMemory && exitCode != 0 && limitBytes > 0 ? end.outOfMemory(Quantities.memory(limitBytes)) : end;
    }
}
