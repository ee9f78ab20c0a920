// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Fate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When all is over and mended: every dead letter is given in again, in order, for the component that failed alone. */
final class Replays {
    private final Simulation simulation;
    private final World world;
    private final List<Integer> waiting = new ArrayList<>();
    private int @Nullable [][] before;
    private int answers;
    private int given;

    Replays(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world();
    }

    boolean begun() {
        return before != null;
    }

    void begin() {
        int[][] delivered = new int[world.routes.size()][];
        for (int route = 0; route < delivered.length; route++) {
            delivered[route] = world.deliveries[route].clone();
        }
        before = delivered;
        world.replaying = true;
        for (int event = 0; event < world.events; event++) {
            if (world.deadLettered[event]) {
                waiting.add(event);
                for (int component = 0; component < world.poison.length; component++) {
                    world.mend(component, event);
                }
            }
        }
        simulation.trace(() -> "gives in again: " + waiting);
        giveOne();
    }

    private void giveOne() {
        if (waiting.isEmpty()) {
            return;
        }
        int event = waiting.removeFirst();
        given++;
        Place place = simulation.fleet().places(world.sourceOf(event)).getFirst();
        Instance source = simulation.fleet().at(place);
        if (source == null) {
            throw new Violation("D7", "nobody is at work in " + place + ", though all is over");
        }
        String failed = String.valueOf(world.failedAt[event]);
        String target = simulation.mutation().target(failed.equals(place.shape().name()) ? "" : failed);
        source.post(() -> {
            String obstacle = source.reader().inject(event, target);
            if (!obstacle.isEmpty()) {
                throw new Violation("D7", world.describe(event) + " cannot be given in again: " + obstacle);
            }
        });
    }

    void answered(int event, Fate fate) {
        answers++;
        boolean filtered = fate == Fate.FILTERED && world.filtered[event];
        if (fate != Fate.DELIVERED && !filtered) {
            throw new Violation("D7", world.describe(event) + " was given in again, and its answer is " + fate);
        }
        giveOne();
    }

    /** Whether everything that was given in is answered. */
    boolean over() {
        return waiting.isEmpty() && answers == given;
    }

    /** How often an event was delivered on a route since dead letters are given in again. */
    int deliveredAgain(int route, int event) {
        int[][] counted = before;
        return counted == null ? 0 : world.deliveries[route][event] - counted[route][event];
    }
}
