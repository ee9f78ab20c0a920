// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Plays schedules by seed. {@code -Dfiso.simulation.schedules=} says how many, {@code -Dfiso.simulation.seed=} plays a single one and
 * prints what happens.
 */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("fiso.simulation.schedules", 100_000);
    private static final int THREADS = 2;
    private static final Long SEED = Long.getLong("fiso.simulation.seed");

    @Test
    void keepsEveryGuaranteeInEverySchedule() {
        if (SEED != null) {
            Simulation.play(SEED, System.out::println);
            return;
        }
        Map<Topology, Integer> played = new ConcurrentHashMap<>();
        // Schedules share nothing, so each plays alike on whichever thread.
        try (ForkJoinPool threads = new ForkJoinPool(THREADS)) {
            threads.submit(() -> LongStream.rangeClosed(1, SCHEDULES).parallel().forEach(seed -> {
                        Schedule schedule = play(seed, Mutation.NONE);
                        assertThat(schedule.events() * (schedule.topology() == Topology.FAN_IN ? 2 : 1))
                                .isGreaterThanOrEqualTo(200);
                        assertThat(schedule.faults()).hasSizeGreaterThanOrEqualTo(3);
                        played.merge(schedule.topology(), 1, Integer::sum);
                    }))
                    .join();
        }
        assertThat(played).as("every shape was played").containsOnlyKeys(Topology.values());
    }

    @Test
    void playsTheSameScheduleFromTheSameSeed() {
        StringBuilder first = new StringBuilder();
        StringBuilder second = new StringBuilder();

        Simulation.play(7, first::append);
        Simulation.play(7, second::append);

        assertThat(first).isNotEmpty().hasToString(second.toString());
    }

    private static Schedule play(long seed, Mutation mutation) {
        try {
            return Simulation.play(seed, mutation, null);
        } catch (Violation | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage() + "; play it again with -Dfiso.simulation.seed=" + seed, e);
        }
    }
}
