// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.SourcePartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The truth outside the pipeline: source logs with committed positions, what sinks were given, what the dead letter store holds. */
final class World {
    /** One way from a source to a sink; {@code arm} tells the arms of a diamond apart. */
    record Route(int source, int sink, int arm, List<Integer> components) {}

    /** Positions have gaps, as those of a compacted topic do. */
    private static final long GAP = 2;

    final Schedule schedule;
    final int sources;
    final int events;
    final List<Route> routes = new ArrayList<>();
    private final int[] partitionOf;
    private final int[] keyOf;
    private final long[] positionOf;
    private final int[][][] log;
    private final long[][] committed;
    private final FateCounts[][] ledgers;
    private final FateCounts[][] seen;
    final int[][] deliveries;
    final boolean[][] mayHaveFailed;
    final boolean[] deadLettered;
    /** Who gave up on it, as the dead letter says. */
    final @Nullable String[] failedAt;

    final boolean[] filtered;
    final long[] firstEmitted;
    /** Emitted by a source that goes on beside its replacement. */
    final boolean[] emittedBeside;

    final boolean[][] poison;
    final List<Long> disturbances = new ArrayList<>();
    /** Dead letters are given in again: what comes twice now was asked for. */
    boolean replaying;

    /** Deliveries, dead letters and commits so far. */
    long moved;

    World(Schedule schedule, java.util.random.RandomGenerator random) {
        this.schedule = schedule;
        List<Topology.Component> components = schedule.topology().components();
        int count = 0;
        for (Topology.Component component : components) {
            count += component.kind() == Topology.Kind.SOURCE ? 1 : 0;
        }
        sources = count;
        events = count * schedule.events();
        partitionOf = new int[events];
        keyOf = new int[events];
        positionOf = new long[events];
        log = new int[count][schedule.partitions()][];
        committed = new long[count][schedule.partitions()];
        ledgers = new FateCounts[count][schedule.partitions()];
        seen = new FateCounts[count][schedule.partitions()];
        for (int source = 0; source < count; source++) {
            Arrays.setAll(ledgers[source], _ -> new FateCounts());
            Arrays.setAll(seen[source], _ -> new FateCounts());
        }
        deadLettered = new boolean[events];
        failedAt = new String[events];
        filtered = new boolean[events];
        firstEmitted = new long[events];
        emittedBeside = new boolean[events];
        poison = new boolean[components.size()][events];
        fill(random);
        findRoutes(components);
        deliveries = new int[routes.size()][events];
        mayHaveFailed = new boolean[routes.size()][events];
        for (int event = 0; event < events; event++) {
            filtered[event] = random.nextInt(1000) < schedule.filteredPerMille();
            if (random.nextInt(1000) < schedule.poisonPerMille()) {
                int where = random.nextInt(components.size());
                // What a source cannot read stays unreadable, so only a policy that gives up gets past it.
                poison[where][event] = where >= sources || schedule.onFailure() == OnFailure.DEAD_LETTER;
            }
        }
    }

    private void fill(java.util.random.RandomGenerator random) {
        int event = 0;
        for (int source = 0; source < sources; source++) {
            List<List<Integer>> filling = new ArrayList<>();
            for (int partition = 0; partition < schedule.partitions(); partition++) {
                filling.add(new ArrayList<>());
            }
            for (int i = 0; i < schedule.events(); i++, event++) {
                int key = random.nextInt(schedule.keys());
                int partition = key % schedule.partitions();
                keyOf[event] = source * 1000 + key;
                partitionOf[event] = partition;
                positionOf[event] = filling.get(partition).size() * GAP;
                filling.get(partition).add(event);
            }
            for (int partition = 0; partition < schedule.partitions(); partition++) {
                log[source][partition] = filling.get(partition).stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
            }
        }
    }

    private void findRoutes(List<Topology.Component> components) {
        int source = 0;
        for (int i = 0; i < components.size(); i++) {
            if (components.get(i).kind() == Topology.Kind.SOURCE) {
                walk(components, source++, i, List.of(i));
            }
        }
    }

    private void walk(List<Topology.Component> components, int source, int at, List<Integer> way) {
        for (int next = at + 1; next < components.size(); next++) {
            Topology.Component component = components.get(next);
            if (component.inputs().contains(components.get(at).name())) {
                List<Integer> longer = new ArrayList<>(way);
                longer.add(next);
                if (component.kind() == Topology.Kind.SINK) {
                    routes.add(new Route(source, next, arm(longer), List.copyOf(longer)));
                } else {
                    walk(components, source, next, longer);
                }
            }
        }
    }

    /** In a diamond the first processor marks the event; elsewhere events pass untouched. */
    private int arm(List<Integer> way) {
        return schedule.topology() == Topology.DIAMOND ? way.get(1) : 0;
    }

    /** The outside takes this event from now on. */
    void mend(int component, int event) {
        poison[component][event] = false;
    }

    int sourceOf(int event) {
        return event / schedule.events();
    }

    int key(int event) {
        return keyOf[event];
    }

    int partition(int event) {
        return partitionOf[event];
    }

    long position(int event) {
        return positionOf[event];
    }

    int[] log(int source, int partition) {
        return log[source][partition];
    }

    long committed(int source, int partition) {
        return committed[source][partition];
    }

    /** The totals that were committed with the position. */
    FateCounts ledger(int source, int partition) {
        return ledgers[source][partition];
    }

    void commit(int source, int partition, long position, FateCounts fates) {
        if (position > committed[source][partition]) {
            committed[source][partition] = position;
            ledgers[source][partition] = fates;
            moved++;
        }
    }

    /** The totals that an instance had last, committed or not. */
    FateCounts seenTotals(int source, int partition) {
        return seen[source][partition];
    }

    void saw(int source, int partition, SourcePartition at) {
        at.settledFates(seen[source][partition]);
    }

    /** How many events of a partition lie before a position. */
    int before(int source, int partition, long position) {
        return (int) Math.min(log[source][partition].length, (position + GAP - 1) / GAP);
    }

    int route(int sink, int arm, int event) {
        int source = sourceOf(event);
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            if (route.sink == sink && route.source == source && route.arm == arm) {
                return i;
            }
        }
        throw new IllegalStateException("no route to sink " + sink + " over arm " + arm + " for event " + event);
    }

    /** An event has failed for good here, or so often that it may be given up, if the policy gives anything up. */
    void gaveUp(int component, int arm, int event, boolean sink) {
        if (component != sourceOf(event)
                && (schedule.onFailure() == OnFailure.HOLD || schedule.onFailure() == OnFailure.FAIL)) {
            return;
        }
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            if (route.source == sourceOf(event)
                    && (sink ? route.sink == component && route.arm == arm : route.components.contains(component))) {
                mayHaveFailed[i][event] = true;
            }
        }
    }

    /** Whether a rule decides against this event on this route. */
    boolean filtered(int route, int event) {
        return filtered[event] && routes.get(route).components.size() > 2;
    }

    /** Whether this event's fate is really decided on this route. */
    boolean resolved(int route, int event) {
        return routes.get(route).source != sourceOf(event)
                || deliveries[route][event] > 0
                || filtered(route, event)
                || (mayHaveFailed[route][event] && (deadLettered[event] || skips()));
    }

    /** Whether what is given up is dropped, because the policy says so. */
    private boolean skips() {
        return schedule.onFailure() == OnFailure.SKIP;
    }

    String describe(int event) {
        return "event " + event + " (key " + key(event) + ", partition " + partition(event) + ", position "
                + position(event) + ")";
    }
}
