// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.concurrent.atomic.LongAdder;

/** What happened in the schedules: one in which nothing goes wrong shows nothing. Thread-safe. */
final class Seen {
    private final LongAdder powerLosses = new LongAdder();
    private final LongAdder processDeaths = new LongAdder();
    private final LongAdder tornTails = new LongAdder();
    private final LongAdder severalFiles = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder fullDisks = new LongAdder();
    private final LongAdder steps = new LongAdder();

    void opened(Store store, boolean powerLost) {
        (powerLost ? powerLosses : processDeaths).increment();
        if (store.recovery().bytesDropped() > 0) {
            tornTails.increment();
        }
        if (store.sizeBytes() > 2 * SimulatedStore.SETTINGS.logFileBytes()) {
            severalFiles.increment();
        }
    }

    void stepped(SimulatedDisk disk) {
        steps.increment();
        failures.add(disk.takeFailures());
        fullDisks.add(disk.takeFull());
    }

    void assertAllHappened() {
        for (LongAdder each :
                new LongAdder[] {powerLosses, processDeaths, tornTails, severalFiles, failures, fullDisks}) {
            if (each.sum() == 0) {
                throw new AssertionError("something never happened: " + this);
            }
        }
    }

    @Override
    public String toString() {
        return steps + " steps, " + powerLosses + " losses of power, " + processDeaths + " deaths of the process, "
                + tornTails
                + " torn tails, " + severalFiles + " times several files, " + failures + " errors of the disk, "
                + fullDisks
                + " times no room";
    }
}
