// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.RetryPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Half an hour of outage, and hours with a fault a minute, in virtual time. */
class LongRunTest {
    private static final long MILLIS = 1_000_000;
    private static final long MINUTE = 60_000 * MILLIS;
    private static final int PARALLELISM = 16;

    /** F13: the circuit opens, lanes hold without spending attempts, and all goes on by itself. */
    @Test
    void outlastsASinkThatIsDownForHalfAnHour() {
        Fault outage = new Fault(Fault.Kind.OUTAGE, 500 * MILLIS, 30 * MINUTE, 2, 0);
        long[] delivered = {0};
        Simulation[] played = new Simulation[1];

        Simulation.play(
                schedule(Topology.LINEAR, List.of(1, 1, 1), 4_000, 5 * MILLIS, List.of(outage)),
                MINUTE / 2,
                simulation -> {
                    played[0] = simulation;
                    if (simulation.now() < outage.atNanos() + outage.forNanos()) {
                        delivered[0] = simulation.world().moved;
                    }
                });

        World world = played[0].world();
        int deadLettered = 0;
        for (boolean letter : world.deadLettered) {
            deadLettered += letter ? 1 : 0;
        }
        assertThat(deadLettered).as("dead letters of the outage").isLessThanOrEqualTo(PARALLELISM + 5);
        long arrived =
                Arrays.stream(world.deliveries[0]).filter(times -> times == 1).count();
        assertThat(arrived).as("delivered once").isEqualTo(4_000 - deadLettered);
        assertThat(delivered[0])
                .as("hardly anything moves while the sink is down")
                .isLessThan(1_000);
        assertThat(played[0].everybodyDone()).isTrue();
        assertThat(played[0].now())
                .as("through within a minute after it, by itself")
                .isLessThan(outage.atNanos() + outage.forNanos() + MINUTE);
    }

    /** F35: what a core remembers does not grow with time, whatever goes wrong. */
    @Test
    void remembersNoMoreAfterHoursOfFaultsThanAfterMinutes() {
        int minutes = 120;
        long pace = 100 * MILLIS;
        SplittableRandom random = new SplittableRandom(35);
        List<Fault.Kind> kinds = new ArrayList<>(List.of(Fault.Kind.values()));
        kinds.remove(Fault.Kind.EVERYTHING_POISON);
        List<Fault> faults = new ArrayList<>();
        for (int minute = 1; minute <= minutes; minute++) {
            faults.add(new Fault(
                    kinds.get(random.nextInt(kinds.size())),
                    minute * MINUTE,
                    random.nextLong(15_000 * MILLIS),
                    random.nextInt(3),
                    random.nextInt(3)));
        }
        List<Long> remembered = new ArrayList<>();

        Simulation.play(
                schedule(Topology.LINEAR, List.of(2, 2, 2), (int) (minutes * MINUTE / pace), pace, faults),
                MINUTE,
                simulation -> remembered.add(simulation.fleet().atWork().stream()
                        .mapToLong(instance -> instance.core().remembered())
                        .sum()));

        assertThat(remembered).hasSizeGreaterThan(minutes - 5);
        long early = Collections.max(remembered.subList(0, 20));
        long late = Collections.max(remembered.subList(remembered.size() - 20, remembered.size()));
        assertThat(late)
                .as("after hours, against the first minutes: " + remembered)
                .isLessThanOrEqualTo(early + 50);
        assertThat(remembered.getLast()).as("at the end").isLessThan(50);
    }

    private static Schedule schedule(
            Topology topology, List<Integer> replicas, int events, long pace, List<Fault> faults) {
        return new Schedule(
                13,
                topology,
                replicas,
                events,
                100,
                1,
                false,
                256,
                1_024,
                PARALLELISM,
                false,
                false,
                0,
                0,
                0,
                OnFailure.DEAD_LETTER,
                RetryPolicy.DEFAULT,
                pace,
                false,
                false,
                faults);
    }
}
