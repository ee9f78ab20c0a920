// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import java.util.List;

/** A stop of the whole pipeline, sources first, in bounded time, and its next start (guarantee D9). */
final class Drain {
    private static final long LOOKS_EVERY_NANOS = 500_000;

    private final Simulation simulation;
    private List<Instance> sources = List.of();

    Drain(Simulation simulation) {
        this.simulation = simulation;
    }

    void begin(long until) {
        sources = simulation.fleet().sources();
        sources.forEach(source -> source.reader().drain());
        look(until);
    }

    private void look(long until) {
        if (!simulation.fleet().sources().equals(sources)) {
            // One crashed meanwhile: its replacement knows nothing of the stop.
            simulation.restart(false);
        } else if (sources.stream().allMatch(source -> source.reader().drained())
                || simulation.mutation().leavesWithoutWaiting()) {
            simulation.restart(true);
        } else if (simulation.now() > until) {
            simulation.restart(false);
        } else {
            simulation.after(LOOKS_EVERY_NANOS, () -> look(until));
        }
    }
}
