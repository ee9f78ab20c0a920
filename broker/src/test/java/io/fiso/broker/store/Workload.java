// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.Random;

/**
 * What is done with a store on a {@link SimulatedDisk}, and what must hold after a crash. One instance lives through all crashes of a schedule.
 *
 * <ol>
 *   <li>{@link #step} is called again and again, until the disk crashes in one of the calls. Whatever it catches while {@link SimulatedDisk#isDead} it must
 *       take for a write of which nothing is known.
 *   <li>{@link #check} is called on the store that was opened after that. It throws {@link AssertionError} if something is not as it must be, and goes on from
 *       what it found.
 * </ol>
 */
interface Workload {
    void step(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance);

    /** @param powerLost false if only the process died */
    void check(Store store, boolean powerLost);

    /** Most crashes come within so many operations of the disk, one in four within five times as many. */
    default int operationsMax() {
        return 60;
    }
}
