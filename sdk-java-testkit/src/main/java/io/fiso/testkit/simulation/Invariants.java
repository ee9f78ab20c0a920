// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Progress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The guarantees that every schedule must keep, each as a class of its own. */
final class Invariants {
    private Invariants() {}

    static List<Invariant> all() {
        return List.of(
                new SettleBeforeCommit(),
                new DeadLetterBeforeSettle(),
                new OrderPerKey(),
                new Bounded(),
                new NothingLost(),
                new DuplicatesExplained(),
                new Fenced(),
                new NothingToReplay());
    }

    /** D1: nothing is committed whose fate is open on any path. */
    static final class SettleBeforeCommit extends Invariant {
        @Override
        void committing(World world, int source, int partition, long position) {
            for (int event : world.log(source, partition)) {
                if (world.position(event) < world.committed(source, partition)) {
                    continue;
                }
                if (world.position(event) >= position) {
                    return;
                }
                for (int route = 0; route < world.routes.size(); route++) {
                    if (!world.resolved(route, event) && !world.mayHaveFailed[route][event]) {
                        throw new Violation(
                                "D1",
                                "position " + position + " is committed, but " + world.describe(event)
                                        + " is open on route " + world.routes.get(route));
                    }
                }
            }
        }
    }

    /** D7: what failed on some path is a durable dead letter before its position settles. */
    static final class DeadLetterBeforeSettle extends Invariant {
        @Override
        void committing(World world, int source, int partition, long position) {
            for (int event : world.log(source, partition)) {
                if (world.position(event) < world.committed(source, partition)) {
                    continue;
                }
                if (world.position(event) >= position) {
                    return;
                }
                for (int route = 0; route < world.routes.size(); route++) {
                    if (!world.resolved(route, event) && world.mayHaveFailed[route][event]) {
                        throw new Violation(
                                "D7",
                                "position " + position + " is committed, but " + world.describe(event)
                                        + " failed on route " + world.routes.get(route) + " and is no dead letter");
                    }
                }
            }
        }
    }

    /** D2: first deliveries of a key go forward, and a crash or takeover sets a key back once, and replays what was set back before it. */
    static final class OrderPerKey extends Invariant {
        private final Map<Integer, Integer> furthest = new HashMap<>();
        private final Map<Integer, Integer> last = new HashMap<>();
        private final Map<Integer, Integer> setBacks = new HashMap<>();

        @Override
        void delivered(World world, int route, int event) {
            int lane = route * 100_000 + world.key(event);
            int before = furthest.getOrDefault(lane, -1);
            boolean first = world.deliveries[route][event] == 1;
            if (first && event < before && !world.mayHaveFailed[route][event]) {
                throw new Violation(
                        "D2",
                        world.describe(event) + " was first delivered after " + world.describe(before) + " on route "
                                + world.routes.get(route));
            }
            furthest.put(lane, Math.max(before, event));
            Integer previous = last.put(lane, event);
            if (previous != null && event <= previous) {
                int times = setBacks.merge(lane, 1, Integer::sum);
                if (times > mostSetBacks(world.disturbances.size())) {
                    throw new Violation(
                            "D2",
                            "key " + world.key(event) + " was set back " + times + " times by "
                                    + world.disturbances.size() + " disturbances, now from " + previous + " to " + event
                                    + " on route "
                                    + world.routes.get(route));
                }
            }
        }

        /** What a crash replays may itself contain the set-backs of those before it, so each at most doubles them and adds one. */
        private static long mostSetBacks(int disturbances) {
            return disturbances;
        }

        @Override
        void started(Instance instance, int key) {
            if (!instance.running.add(key)) {
                throw new Violation("D2", "two events of key " + key + " run at once in " + instance);
            }
        }
    }

    /** D3: windows and spans are never exceeded. */
    static final class Bounded extends Invariant {
        @Override
        void turned(Instance instance) {
            Schedule schedule = instance.schedule();
            Progress progress = instance.core().progress();
            for (Progress.Edge edge : progress.inputs()) {
                if (edge.unsettled() > schedule.windowEvents()) {
                    throw new Violation(
                            "D3",
                            instance + " holds " + edge.unsettled() + " events of " + edge.edge() + ", its window is "
                                    + schedule.windowEvents());
                }
            }
            int most = schedule.windowEvents() + schedule.parallelism();
            for (Progress.Edge edge : progress.outputs()) {
                if (edge.unsettled() > most) {
                    throw new Violation(
                            "D3",
                            instance + " keeps " + edge.unsettled() + " events for " + edge.edge() + ", at most " + most
                                    + " may be");
                }
            }
            if (instance.isSource() && progress.inFlight() > (long) schedule.maxSpan() * schedule.partitions()) {
                throw new Violation(
                        "D3",
                        instance + " has " + progress.inFlight() + " events in flight, maxSpan is " + schedule.maxSpan()
                                + " for each of " + schedule.partitions() + " partitions");
            }
        }
    }

    /** D4: when all is calm again, every event has a fate on every route, every position is committed, and everybody knows it is over. */
    static final class NothingLost extends Invariant {
        @Override
        void quiescent(Simulation simulation) {
            World world = simulation.world();
            for (int event = 0; event < world.events; event++) {
                for (int route = 0; route < world.routes.size(); route++) {
                    if (!world.resolved(route, event)) {
                        throw new Violation(
                                "D4",
                                world.describe(event) + " never arrived on route " + world.routes.get(route) + "; "
                                        + simulation.describe());
                    }
                }
            }
            for (int source = 0; source < world.sources; source++) {
                for (int partition = 0; partition < world.schedule.partitions(); partition++) {
                    int[] log = world.log(source, partition);
                    long end = log.length == 0 ? 0 : world.position(log[log.length - 1]) + 1;
                    if (world.committed(source, partition) < end) {
                        throw new Violation(
                                "D4",
                                "partition " + partition + " of source " + source + " is committed up to "
                                        + world.committed(source, partition) + ", its end is " + end + "; "
                                        + simulation.describe());
                    }
                }
            }
            if (!simulation.everybodyDone()) {
                throw new Violation("D4", "the end of the stream did not reach everybody; " + simulation.describe());
            }
        }
    }

    /** D5: an event comes twice only if something broke while it was under way. */
    static final class DuplicatesExplained extends Invariant {
        @Override
        void delivered(World world, int route, int event) {
            if (world.deliveries[route][event] < 2) {
                return;
            }
            for (long disturbance : world.disturbances) {
                if (disturbance >= world.firstEmitted[event]) {
                    return;
                }
            }
            throw new Violation(
                    "D5",
                    world.describe(event) + " was delivered " + world.deliveries[route][event] + " times on route "
                            + world.routes.get(route) + ", though nothing broke while it was under way");
        }
    }

    /** D9: a clean drain leaves nothing to replay. That nothing comes twice after it is seen by D5, for which it is no excuse. */
    static final class NothingToReplay extends Invariant {
        @Override
        void drained(Simulation simulation) {
            for (Instance source : simulation.sources()) {
                long open = source.uncommitted();
                if (open > 0) {
                    throw new Violation(
                            "D9", source + " is drained, but " + open + " events that it emitted are not committed");
                }
            }
        }
    }

    /** D8: an emitter that has seen a newer generation of a subscriber accepts no older one, and the other way round. */
    static final class Fenced extends Invariant {
        private final Map<String, Long> newest = new HashMap<>();
        private final Map<String, Long> newestEmitter = new HashMap<>();

        @Override
        void took(Instance subscriber, String edge, Instance emitter) {
            long seen = newestEmitter.merge(subscriber + " " + edge, emitter.generation(), Math::max);
            if (seen > emitter.generation()) {
                throw new Violation(
                        "D8", subscriber + " went on with " + emitter + " on " + edge + " after generation " + seen);
            }
        }

        @Override
        void accepted(Instance emitter, String edge, Instance subscriber) {
            String place = emitter + " " + edge;
            long seen = newest.merge(place, subscriber.generation(), Math::max);
            if (seen > subscriber.generation()) {
                throw new Violation(
                        "D8", emitter + " accepted " + subscriber + " on " + edge + " after generation " + seen);
            }
        }
    }
}
