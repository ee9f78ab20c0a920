// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One run as its driver has it: prepared before the first start, and cleared away after the last end. For any thread; what blocks says so. */
final class PreparedRun {
    private static final System.Logger LOG = System.getLogger(PreparedRun.class.getName());
    private static final int REMOVALS_MAX = 5;
    private static final Duration REMOVAL_PAUSE = Duration.ofSeconds(2);

    private final Driver driver;
    private final List<RunPreparation> preparations;
    private final RunPreparation.WholeRun run;
    private boolean prepared;
    private final AtomicBoolean clearing = new AtomicBoolean();
    private volatile boolean cleared;

    /** @param takenOver whether it was prepared by the control plane that began it */
    PreparedRun(Driver driver, List<RunPreparation> preparations, RunPreparation.WholeRun run, boolean takenOver) {
        this.driver = driver;
        this.preparations = preparations.stream()
                .filter(preparation -> preparation.driver().equals(driver.name()))
                .toList();
        this.run = run;
        this.prepared = takenOver || this.preparations.isEmpty();
        this.cleared = this.preparations.isEmpty();
    }

    /** Starts an instance, after the preparation of its run. Blocks. */
    Instance start(LaunchSpec spec) throws DriverException {
        prepare();
        try {
            return driver.start(spec);
        } catch (DriverException e) {
            if (preparations.isEmpty() || !e.code().equals("driver.not_prepared")) {
                throw e;
            }
        }
        unprepared();
        prepare();
        return driver.start(spec);
    }

    private synchronized void prepare() throws DriverException {
        if (!prepared) {
            for (RunPreparation preparation : preparations) {
                preparation.prepare(run);
            }
            prepared = true;
        }
    }

    private synchronized void unprepared() {
        prepared = false;
    }

    /** Begins to remove what was made; {@link #cleared} tells when that is over. Returns at once; again, it does nothing. */
    void clear() {
        if (!cleared && clearing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("clear-" + run.run()).start(this::remove);
        }
    }

    /** Whether nothing is left, or nothing more can be done about it. */
    boolean cleared() {
        return cleared;
    }

    private synchronized void remove() {
        try {
            for (RunPreparation preparation : preparations) {
                remove(preparation);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            prepared = false;
            cleared = true;
        }
    }

    private void remove(RunPreparation preparation) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                preparation.remove(run.pipeline().name());
                return;
            } catch (DriverException e) {
                if (attempt == REMOVALS_MAX) {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "what was made for a run is left behind pipeline="
                                    + run.pipeline().name() + " run=" + run.run() + " reason=" + e.getMessage());
                    return;
                }
                Thread.sleep(REMOVAL_PAUSE);
            }
        }
    }
}
