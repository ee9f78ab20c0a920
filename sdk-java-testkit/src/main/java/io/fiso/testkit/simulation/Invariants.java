// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.SourcePartition;
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
                new NothingToReplay(),
                new TotalsExact(),
                new EndMeansEnd(),
                new NothingStartsTwice(),
                new FlowsAlone(),
                new PausedIsPaused(),
                new KeepsToThePolicy(),
                new ReplayMeetsThePathThatFailed());
    }

    /** D1: nothing is committed whose fate is open on any path. */
    static final class SettleBeforeCommit extends Invariant {
        @Override
        void committing(World world, int source, int partition, long position, FateCounts fates) {
            int[] log = world.log(source, partition);
            int first = world.before(source, partition, world.committed(source, partition));
            for (int i = first; i < world.before(source, partition, position); i++) {
                int event = log[i];
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
        void committing(World world, int source, int partition, long position, FateCounts fates) {
            int[] log = world.log(source, partition);
            int first = world.before(source, partition, world.committed(source, partition));
            for (int i = first; i < world.before(source, partition, position); i++) {
                int event = log[i];
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

    /**
     * D2: first deliveries of a key go forward. What breaks sets a key back once, as each replica of a sink sees it, not further than to
     * what was not committed then, and it goes forward from there.
     */
    static final class OrderPerKey extends Invariant {
        private final Map<Long, Integer> furthest = new HashMap<>();
        private final Map<Long, Integer> last = new HashMap<>();
        private final Map<Long, Integer> setBacks = new HashMap<>();

        @Override
        void delivered(World world, int route, int event, Place sink) {
            if (world.replaying) {
                return;
            }
            long lane = route * 100_000L + world.key(event);
            int before = furthest.getOrDefault(lane, -1);
            boolean first = world.deliveries[route][event] == 1;
            if (first && event < before && !world.mayHaveFailed[route][event]) {
                throw new Violation(
                        "D2",
                        world.describe(event) + " was first delivered after " + world.describe(before) + " on route "
                                + world.routes.get(route));
            }
            furthest.put(lane, Math.max(before, event));
            long seenBy = lane * 10 + sink.replica();
            Integer previous = last.put(seenBy, event);
            if (previous == null || event > previous || world.emittedBeside[event]) {
                return;
            }
            int times = setBacks.merge(seenBy, 1, Integer::sum);
            if (times > world.disturbances.size()) {
                throw new Violation(
                        "D2",
                        "key " + world.key(event) + " was set back " + times + " times by "
                                + world.disturbances.size() + " disturbances, now from " + previous + " to " + event
                                + " on route " + world.routes.get(route) + " at " + sink);
            }
        }

        @Override
        void started(Instance instance, int lane) {
            if (!instance.running.add(lane)) {
                throw new Violation("D2", "two events of lane " + lane + " run at once in " + instance);
            }
        }
    }

    /** D3: windows and spans are never exceeded. */
    static final class Bounded extends Invariant {
        @Override
        void turned(Instance instance, Progress progress) {
            Schedule schedule = instance.schedule();
            for (Progress.Edge edge : progress.inputs()) {
                if (edge.unsettled() > schedule.windowEvents()) {
                    throw new Violation(
                            "D3",
                            instance + " holds " + edge.unsettled() + " events of " + edge.edge() + ", its window is "
                                    + schedule.windowEvents());
                }
            }
            for (Progress.Edge edge : progress.outputs()) {
                long unsettled = 0;
                long most = schedule.parallelism();
                for (Progress.Edge replica : progress.outputs()) {
                    // The replicas of an edge share its room.
                    if (replica.edge().equals(edge.edge())) {
                        unsettled += replica.unsettled();
                        most += schedule.windowEvents();
                    }
                }
                if (unsettled > most) {
                    throw new Violation(
                            "D3",
                            instance + " keeps " + unsettled + " events for " + edge.edge() + ", at most " + most
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
        void delivered(World world, int route, int event, Place sink) {
            if (world.deliveries[route][event] < 2 || world.emittedBeside[event] || world.replaying) {
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
            for (Instance source : simulation.fleet().sources()) {
                long open = source.reader().uncommitted();
                if (open > 0) {
                    throw new Violation(
                            "D9", source + " is drained, but " + open + " events that it emitted are not committed");
                }
            }
        }
    }

    /** D10: at every moment accepted is what is settled and what is not, at every edge as well, and the totals of a committed prefix are those of its events. */
    static final class TotalsExact extends Invariant {
        @Override
        void committing(World world, int source, int partition, long position, FateCounts fates) {
            if (position <= world.committed(source, partition)) {
                return;
            }
            int before = world.before(source, partition, position);
            if (fates.total() != before) {
                throw new Violation(
                        "D10",
                        "position " + position + " of partition " + partition + " is committed with the totals " + fates
                                + ", but " + before + " events lie before it");
            }
            int[] log = world.log(source, partition);
            long deadLettered = 0;
            long filtered = 0;
            for (int i = world.before(source, partition, world.committed(source, partition)); i < before; i++) {
                deadLettered += world.deadLettered[log[i]] ? 1 : 0;
                filtered += world.filtered[log[i]] ? 1 : 0;
            }
            FateCounts last = world.ledger(source, partition);
            if (fates.of(Fate.FAILED) - last.of(Fate.FAILED) > deadLettered
                    || fates.of(Fate.FILTERED) - last.of(Fate.FILTERED) > filtered) {
                throw new Violation(
                        "D10",
                        "position " + position + " of partition " + partition + " is committed with the totals " + fates
                                + " after " + last + ", but of the events between " + deadLettered
                                + " are dead letters and " + filtered + " were filtered");
            }
        }

        @Override
        void turned(Instance instance, Progress progress) {
            for (Progress.Edge edge : progress.outputs()) {
                if (edge.events() != edge.settled().total() + edge.unsettled()) {
                    throw new Violation("D10", instance + " says of an edge what does not add up: " + edge);
                }
            }
            if (!instance.isSource()) {
                return;
            }
            for (int i = 0; i < instance.schedule().partitions(); i++) {
                SourcePartition partition = instance.reader().partition(i);
                if (partition == null) {
                    continue;
                }
                for (Progress.Partition said : progress.partitions()) {
                    if (said.partition().equals(partition.name())
                            && (said.accepted() != said.settled().total() + said.unsettled()
                                    || said.accepted() != instance.reader().cursor(i))) {
                        throw new Violation(
                                "D10",
                                instance + " says of partition " + i + ": " + said + ", but "
                                        + instance.reader().cursor(i) + " events of it were accepted");
                    }
                }
            }
        }
    }

    /** D10: who says that all is over has nothing left to get: every event has its fate on every way through it. */
    static final class EndMeansEnd extends Invariant {
        @Override
        void done(Simulation simulation, Instance instance) {
            World world = simulation.world();
            if (instance.isSource()) {
                return;
            }
            for (int route = 0; route < world.routes.size(); route++) {
                if (!world.routes
                        .get(route)
                        .components()
                        .contains(instance.place().component())) {
                    continue;
                }
                for (int event = 0; event < world.events; event++) {
                    if (!world.resolved(route, event)) {
                        throw new Violation(
                                "D10",
                                instance + " says that it is done, but " + world.describe(event) + " is open on route "
                                        + world.routes.get(route));
                    }
                }
            }
        }
    }

    /** D11: nobody is started in a place where somebody works. */
    static final class NothingStartsTwice extends Invariant {
        @Override
        void starting(Fleet fleet, Place place) {
            Instance at = fleet.at(place);
            if (at != null) {
                throw new Violation("D11", "another " + place + " is started, though " + at + " is at work");
            }
        }
    }

    /** D11: data flows while the control plane is away. */
    static final class FlowsAlone extends Invariant {
        private static final long LONG_ENOUGH_NANOS = 12 * Schedule.MILLIS;

        @Override
        void flowedAlone(Simulation simulation, long moved, long nanos) {
            if (moved == 0 && nanos > LONG_ENOUGH_NANOS && !simulation.everybodyDone()) {
                throw new Violation(
                        "D11",
                        "nothing was delivered or committed in " + nanos / Schedule.MILLIS
                                + " ms without a control plane, though nothing else was wrong; "
                                + simulation.describe());
            }
        }
    }

    /** D10: a source that says it is paused emits nothing. */
    static final class PausedIsPaused extends Invariant {
        @Override
        void emitting(Instance source, int event) {
            String paused = source.core().paused();
            if (!paused.isEmpty()) {
                throw new Violation("D10", source + " emits event " + event + ", though " + paused);
            }
        }
    }

    /** D7: only a policy that gives up makes dead letters, and none comes of one that is given in again. */
    static final class KeepsToThePolicy extends Invariant {
        @Override
        void deadLettered(Simulation simulation, int event) {
            World world = simulation.world();
            boolean unreadable = world.poison[world.sourceOf(event)][event];
            OnFailure policy = simulation.schedule().onFailure();
            if ((policy != OnFailure.DEAD_LETTER && !unreadable)
                    || simulation.replays().begun()) {
                throw new Violation(
                        "D7",
                        world.describe(event) + " became a dead letter under the policy " + policy
                                + (simulation.replays().begun() ? ", though it was given in again" : ""));
            }
        }
    }

    /** D7: what is given in again arrives where it failed, once, and nowhere else. */
    static final class ReplayMeetsThePathThatFailed extends Invariant {
        @Override
        void replayed(Simulation simulation) {
            World world = simulation.world();
            if (!simulation.replays().over()) {
                throw new Violation(
                        "D7", "a dead letter that was given in again has no answer; " + simulation.describe());
            }
            for (int event = 0; event < world.events; event++) {
                String failed = world.failedAt[event];
                for (int route = 0; route < world.routes.size(); route++) {
                    int times = simulation.replays().deliveredAgain(route, event);
                    boolean wanted = failed != null
                            && world.routes.get(route).source() == world.sourceOf(event)
                            && !world.filtered(route, event)
                            && failedOn(world, route, failed);
                    if (times != (wanted ? 1 : 0)) {
                        throw new Violation(
                                "D7",
                                world.describe(event) + ", which failed at " + failed
                                        + ", was given in again, and came " + times + " times on route "
                                        + world.routes.get(route));
                    }
                }
            }
        }

        private static boolean failedOn(World world, int route, String failed) {
            for (String name : failed.split(",", -1)) {
                for (int component : world.routes.get(route).components()) {
                    if (world.schedule
                            .topology()
                            .components()
                            .get(component)
                            .name()
                            .equals(name)) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    /** D8: an emitter that has seen a newer generation of a subscriber accepts no older one, and the other way round. */
    static final class Fenced extends Invariant {
        private final Map<String, Long> newest = new HashMap<>();
        private final Map<String, Long> newestEmitter = new HashMap<>();

        @Override
        void took(Instance subscriber, String edge, Instance emitter) {
            long seen = newestEmitter.merge(
                    subscriber + " " + edge + " " + emitter.place(), emitter.generation(), Math::max);
            if (seen > emitter.generation()) {
                throw new Violation(
                        "D8", subscriber + " went on with " + emitter + " on " + edge + " after generation " + seen);
            }
        }

        @Override
        void accepted(Instance emitter, String edge, Instance subscriber) {
            String place = emitter + " " + edge + " " + subscriber.place();
            long seen = newest.merge(place, subscriber.generation(), Math::max);
            if (seen > subscriber.generation()) {
                throw new Violation(
                        "D8", emitter + " accepted " + subscriber + " on " + edge + " after generation " + seen);
            }
        }
    }
}
