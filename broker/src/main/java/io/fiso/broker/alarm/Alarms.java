// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import java.time.Instant;

/** Runs things when their time has come. */
public interface Alarms {
    /**
     * Runs this once, at a moment or soon after, on a thread that it may block; one that is past is now. What it throws is nobody's: it must not.
     */
    Alarm at(Instant when, Runnable ring);

    /** One that was set. */
    interface Alarm {
        /** It does not ring, unless it does so already. */
        void cancel();
    }
}
