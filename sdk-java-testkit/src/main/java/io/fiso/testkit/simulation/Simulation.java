// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One schedule, played to its end: the pipeline starts, things go wrong, everything heals, and the guarantees must have held. */
public final class Simulation {
    private static final long LIMIT_NANOS = 120_000 * Schedule.MILLIS;
    private static final long GHOST_NANOS = 10_000 * Schedule.MILLIS;

    private final Schedule schedule;
    private final RandomGenerator random;
    private final Mutation mutation;
    private final @Nullable Consumer<String> trace;
    private final Timeline timeline = new Timeline();
    private final World world;
    private final List<Invariant> invariants = Invariants.all();
    private final Fleet fleet;
    private final ControlPlane controlPlane;
    private final Replays replays;
    private final List<Group> groups = new ArrayList<>();
    private final long[] blockedUntil;
    private final long[] outageUntil;
    private final long[] poisonUntil;
    private long deadLettersDownUntil;
    private long calmAt;

    private Simulation(RandomGenerator random, Schedule schedule, Mutation mutation, @Nullable Consumer<String> trace) {
        this.random = random;
        this.schedule = schedule;
        this.mutation = mutation;
        this.trace = trace;
        this.world = new World(schedule, random);
        this.fleet = new Fleet(this, schedule);
        this.controlPlane = new ControlPlane(this, fleet);
        this.replays = new Replays(this);
        int components = schedule.topology().components().size();
        this.blockedUntil = new long[components];
        this.outageUntil = new long[components];
        this.poisonUntil = new long[components];
        for (int component = 0; component < world.sources; component++) {
            groups.add(new Group(this, component, fleet.places(component)));
        }
    }

    /**
     * Plays the schedule of a seed.
     *
     * @param trace takes what happens, line by line; null for speed
     * @throws Violation if a guarantee did not hold
     */
    public static Schedule play(long seed, @Nullable Consumer<String> trace) {
        return play(seed, Mutation.NONE, trace);
    }

    static Schedule play(long seed, Mutation mutation, @Nullable Consumer<String> trace) {
        RandomGenerator random = new SplittableRandom(seed);
        Simulation simulation = new Simulation(random, Schedule.draw(seed, random), mutation, trace);
        simulation.run();
        return simulation.schedule;
    }

    /** Plays a schedule that was written by hand; {@code look} sees it every so often, and at its end. */
    static void play(Schedule schedule, long everyNanos, Consumer<Simulation> look) {
        Simulation simulation = new Simulation(new SplittableRandom(schedule.seed()), schedule, Mutation.NONE, null);
        simulation.lookEvery(everyNanos, look);
        simulation.run();
        look.accept(simulation);
    }

    private void lookEvery(long nanos, Consumer<Simulation> look) {
        after(nanos, () -> {
            if (!everybodyDone()) {
                look.accept(this);
                lookEvery(nanos, look);
            }
        });
    }

    private void run() {
        trace(schedule::toString);
        fleet.places().forEach(controlPlane::launchSoon);
        calmAt = Schedule.MILLIS;
        for (Fault fault : schedule.faults()) {
            calmAt = Math.max(calmAt, fault.atNanos() + fault.forNanos() + 20 * Schedule.MILLIS);
            at(fault.atNanos(), () -> {
                trace(fault::toString);
                fault.kind().strike(this, fault);
            });
        }
        playUntil(this::everybodyDone);
        invariants.forEach(invariant -> invariant.quiescent(this));
        if (schedule.replays()) {
            at(calmAt + 1, replays::begin);
            playUntil(() -> replays.begun() && replays.over() && everybodyDone());
            invariants.forEach(invariant -> invariant.replayed(this));
        }
    }

    private void playUntil(BooleanSupplier over) {
        int steps = 0;
        while (timeline.step()) {
            if ((steps++ & 31) == 0 && now() > calmAt && (over.getAsBoolean() || now() > calmAt + LIMIT_NANOS)) {
                return;
            }
        }
    }

    // ---- what goes wrong -----------------------------------------------------------------------------------------

    /** When a ghost that a fault made is gone at the latest. */
    long ghostsEnd() {
        return Math.min(calmAt, now() + GHOST_NANOS);
    }

    /** The place that a fault meets. */
    Place place(Fault fault) {
        List<Place> places = fleet.places(fault.component());
        return places.get(fault.replica() % places.size());
    }

    /** From now on something may come twice. */
    void disturbed() {
        world.disturbances.add(now());
    }

    /** Kills an instance; what it read goes to others once its session is over. */
    void bury(Instance instance) {
        disturbed();
        fleet.leave(instance.place());
        instance.kill();
        after(delay() * 6, () -> membersChanged(instance.place()));
    }

    /** Ends everybody who is at work and starts them anew. Only a drain that did not come to its end is a disturbance. */
    void restart(boolean drained) {
        if (drained) {
            invariants.forEach(invariant -> invariant.drained(this));
        } else {
            disturbed();
        }
        trace(() -> "restarts, drained: " + drained);
        for (Instance instance : fleet.atWork()) {
            fleet.leave(instance.place());
            instance.kill();
            controlPlane.launchSoon(instance.place());
        }
    }

    /** Somebody may not give up, and ended the run: the cause is mended, and a new run starts where the last one committed. */
    void runFailed(Failure failure) {
        trace(() -> "the run failed: " + failure);
        for (boolean[] poisoned : world.poison) {
            Arrays.fill(poisoned, false);
        }
        after(1, () -> restart(false));
    }

    void outageUntil(int component, long until) {
        outageUntil[component] = until;
    }

    void poisonUntil(int component, long until) {
        poisonUntil[component] = until;
    }

    void blockUntil(int component, long until) {
        blockedUntil[component] = until;
    }

    void deadLettersDownUntil(long until) {
        deadLettersDownUntil = until;
    }

    // ---- what instances ask of their surroundings ----------------------------------------------------------------

    World world() {
        return world;
    }

    Fleet fleet() {
        return fleet;
    }

    ControlPlane controlPlane() {
        return controlPlane;
    }

    /** Who reads what, of the replicas of this source. */
    Group group(int component) {
        return groups.get(component);
    }

    /** Somebody came or went: if it reads, others may have to read something else. */
    void membersChanged(Place place) {
        if (place.component() < groups.size()) {
            groups.get(place.component()).changed();
        }
    }

    Replays replays() {
        return replays;
    }

    Schedule schedule() {
        return schedule;
    }

    RandomGenerator random() {
        return random;
    }

    Mutation mutation() {
        return mutation;
    }

    long now() {
        return timeline.now();
    }

    /** When every fault has healed. */
    long calmAt() {
        return calmAt;
    }

    void at(long time, Runnable what) {
        timeline.at(time, what);
    }

    void after(long nanos, Runnable what) {
        timeline.at(now() + nanos, what);
    }

    long delay() {
        return 50_000 + random.nextInt(1_000_000);
    }

    long workNanos() {
        return 20_000 + random.nextInt(400_000);
    }

    boolean chance(int perMille) {
        return perMille > 0 && now() < calmAt && random.nextInt(1000) < perMille;
    }

    boolean outage(int component) {
        return now() < outageUntil[component];
    }

    boolean everythingPoison(int component) {
        return now() < poisonUntil[component];
    }

    long blockedUntil(int component) {
        return blockedUntil[component];
    }

    boolean deadLettersDown() {
        return now() < deadLettersDownUntil;
    }

    // ---- what invariants see -------------------------------------------------------------------------------------

    void delivered(Place sink, int arm, int event) {
        int route = world.route(sink.component(), arm, event);
        world.deliveries[route][event]++;
        world.moved++;
        trace(() -> "delivered " + world.describe(event) + " on route " + route + " by " + sink);
        for (Invariant invariant : invariants) {
            invariant.delivered(world, route, event, sink);
        }
    }

    void emitting(Instance source, int event) {
        for (Invariant invariant : invariants) {
            invariant.emitting(source, event);
        }
    }

    void deadLettered(int event) {
        trace(() -> "dead letter of " + world.describe(event));
        for (Invariant invariant : invariants) {
            invariant.deadLettered(this, event);
        }
    }

    void commit(int source, int partition, long position, FateCounts fates) {
        trace(() -> "commit source " + source + " partition " + partition + " position " + position);
        for (Invariant invariant : invariants) {
            invariant.committing(world, source, partition, position, fates);
        }
        world.commit(source, partition, position, fates);
    }

    void accepted(Instance emitter, String edge, Instance subscriber, boolean anew) {
        if (anew && fleet.haunted()) {
            // What a zombie was given before its replacement took over is given again: that is a second set-back of its
            // own.
            disturbed();
        }
        invariants.forEach(invariant -> invariant.accepted(emitter, edge, subscriber));
    }

    void took(Instance subscriber, String edge, Instance emitter) {
        invariants.forEach(invariant -> invariant.took(subscriber, edge, emitter));
    }

    void turned(Instance instance) {
        Progress progress = instance.core().progress();
        for (Invariant invariant : invariants) {
            invariant.turned(instance, progress);
        }
    }

    void started(Instance instance, int lane) {
        for (Invariant invariant : invariants) {
            invariant.started(instance, lane);
        }
    }

    void done(Instance instance) {
        trace(() -> instance + " is done");
        invariants.forEach(invariant -> invariant.done(this, instance));
    }

    void starting(Place place) {
        invariants.forEach(invariant -> invariant.starting(fleet, place));
    }

    void flowedAlone(long moved, long nanos) {
        trace(() -> moved + " moved without a control plane");
        invariants.forEach(invariant -> invariant.flowedAlone(this, moved, nanos));
    }

    /** Whether a partition is committed to its end. */
    boolean committedAll(int source, int partition) {
        int[] log = world.log(source, partition);
        return log.length == 0 || world.committed(source, partition) > world.position(log[log.length - 1]);
    }

    boolean committedAll(int source) {
        for (int partition = 0; partition < schedule.partitions(); partition++) {
            if (!committedAll(source, partition)) {
                return false;
            }
        }
        return true;
    }

    boolean everybodyDone() {
        for (Place place : fleet.places()) {
            Instance instance = fleet.at(place);
            if (instance == null || !instance.core().done()) {
                return false;
            }
            if (instance.isSource() && !committedAll(place.component())) {
                return false;
            }
        }
        return true;
    }

    String describe() {
        StringBuilder text =
                new StringBuilder(schedule.toString()).append(" at ").append(now());
        for (Instance instance : fleet.atWork()) {
            Progress progress = instance.core().progress();
            text.append("\n  ").append(instance).append(' ').append(progress);
        }
        return text.toString();
    }

    void trace(Supplier<String> line) {
        Consumer<String> to = trace;
        if (to != null) {
            to.accept(now() / 1000 + " µs " + line.get());
        }
    }
}
