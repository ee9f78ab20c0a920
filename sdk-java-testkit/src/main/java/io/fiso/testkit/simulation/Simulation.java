// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.Wiring;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One schedule, played to its end: the pipeline starts, things go wrong, everything heals, and the guarantees must have held. */
public final class Simulation {
    private static final long LIMIT_NANOS = 120_000 * Schedule.MILLIS;

    private final Schedule schedule;
    private final RandomGenerator random;
    private final Mutation mutation;
    private final @Nullable Consumer<String> trace;
    private final Timeline timeline = new Timeline();
    private final World world;
    private final List<Invariant> invariants = Invariants.all();
    private final List<Topology.Component> components;
    private final @Nullable Instance[] current;
    private final List<Instance> everybody = new ArrayList<>();
    private final long[] generations;
    private final long[] blockedUntil;
    private final long[] outageUntil;
    private long deadLettersDownUntil;
    private long wiringVersion;
    private long calmAt;

    private Simulation(long seed, Mutation mutation, @Nullable Consumer<String> trace) {
        this.random = new SplittableRandom(seed);
        this.schedule = Schedule.draw(seed, random);
        this.mutation = mutation;
        this.trace = trace;
        this.world = new World(schedule, random);
        this.components = schedule.topology().components();
        this.current = new Instance[components.size()];
        this.generations = new long[components.size()];
        this.blockedUntil = new long[components.size()];
        this.outageUntil = new long[components.size()];
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
        Simulation simulation = new Simulation(seed, mutation, trace);
        simulation.run();
        return simulation.schedule;
    }

    private void run() {
        trace(schedule::toString);
        for (int component = 0; component < components.size(); component++) {
            int starting = component;
            after(delay() * 4, () -> launch(starting));
        }
        calmAt = Schedule.MILLIS;
        for (Fault fault : schedule.faults()) {
            calmAt = Math.max(calmAt, fault.atNanos() + fault.forNanos() + 20 * Schedule.MILLIS);
            at(fault.atNanos(), () -> strike(fault));
        }
        int steps = 0;
        while (timeline.step()) {
            if ((steps++ & 31) == 0 && now() > calmAt && (everybodyDone() || now() > LIMIT_NANOS)) {
                break;
            }
        }
        invariants.forEach(invariant -> invariant.quiescent(this));
    }

    // ---- what goes wrong -----------------------------------------------------------------------------------------

    private void strike(Fault fault) {
        trace(fault::toString);
        int component = fault.component();
        Instance instance = current[component];
        long until = now() + fault.forNanos();
        switch (fault.kind()) {
            case CRASH -> replace(component, instance, false);
            case ZOMBIE -> replace(component, instance, instance != null && !instance.isSource());
            case LINGER -> linger(component, instance);
            case DRAIN -> new Drain(this).begin(until);
            case REVOKE -> {
                if (instance != null && instance.isSource()) {
                    world.disturbances.add(now());
                    instance.revoke((int) (fault.atNanos() % schedule.partitions()));
                }
            }
            case DISCONNECT -> {
                if (instance != null) {
                    instance.disconnect();
                }
            }
            case OUTAGE -> outageUntil[component] = until;
            case BLOCK -> blockedUntil[component] = until;
            case DEAD_LETTERS_DOWN -> deadLettersDownUntil = until;
        }
    }

    private void replace(int component, @Nullable Instance instance, boolean asZombie) {
        if (instance == null) {
            return;
        }
        current[component] = null;
        world.disturbances.add(now());
        if (asZombie) {
            instance.freeze();
            after(delay() * 20, instance::thaw);
            at(calmAt, instance::kill);
        } else {
            instance.kill();
        }
        after(delay() * 8, () -> launch(component));
    }

    /** The sources at work; one that is just being replaced is missing. */
    List<Instance> sources() {
        List<Instance> sources = new ArrayList<>();
        for (Instance instance : current) {
            if (instance != null && instance.isSource()) {
                sources.add(instance);
            }
        }
        return sources;
    }

    /** Ends everybody who is at work and starts them anew. Only a drain that did not come to its end is a disturbance. */
    void restart(boolean drained) {
        if (drained) {
            invariants.forEach(invariant -> invariant.drained(this));
        } else {
            world.disturbances.add(now());
        }
        trace(() -> "restarts, drained: " + drained);
        for (int component = 0; component < current.length; component++) {
            Instance instance = current[component];
            if (instance != null) {
                int starting = component;
                current[component] = null;
                instance.kill();
                after(delay() * 8, () -> launch(starting));
            }
        }
    }

    /** What a sink does outside cannot be fenced; a replacement of it starts only when it is dead, or cut off from the outside. */
    private void linger(int component, @Nullable Instance instance) {
        if (instance == null || instance.isSink()) {
            replace(component, instance, instance != null);
            return;
        }
        current[component] = null;
        world.disturbances.add(now());
        instance.linger();
        at(calmAt, () -> {
            world.disturbances.add(now());
            instance.kill();
        });
        after(delay() * 8, () -> launch(component));
    }

    /** Whether a newer instance of this component has started: the outside takes no commit of this one any more. */
    boolean replaced(int component, long generation) {
        return generations[component] > generation;
    }

    private void launch(int component) {
        Instance instance = new Instance(this, component, ++generations[component]);
        trace(() -> instance + " starts");
        current[component] = instance;
        everybody.add(instance);
        instance.start();
        wiringVersion++;
        for (int i = 0; i < components.size(); i++) {
            Instance neighbour = current[i];
            if (neighbour != null) {
                Wiring wiring = wiring(i);
                after(delay() * 3, () -> neighbour.post(() -> neighbour.core().wire(wiring)));
            }
        }
    }

    private Wiring wiring(int component) {
        List<Wiring.Upstream> upstreams = new ArrayList<>();
        List<Wiring.Downstream> downstreams = new ArrayList<>();
        Topology.Component me = components.get(component);
        for (int other = 0; other < components.size(); other++) {
            Topology.Component neighbour = components.get(other);
            Instance instance = current[other];
            if (me.inputs().contains(neighbour.name()) && instance != null) {
                String edge = neighbour.name() + "->" + me.name();
                upstreams.add(new Wiring.Upstream(edge, 0, instance.toString(), instance.generation()));
            }
            if (neighbour.inputs().contains(me.name())) {
                String edge = me.name() + "->" + neighbour.name();
                List<Long> lowest = instance == null ? List.of() : List.of(instance.generation());
                downstreams.add(new Wiring.Downstream(edge, neighbour.name(), 1, List.of(), lowest));
            }
        }
        return new Wiring(wiringVersion, upstreams, downstreams);
    }

    List<String> inputs(int component) {
        Topology.Component me = components.get(component);
        return me.inputs().stream().map(from -> from + "->" + me.name()).toList();
    }

    List<String> outputs(int component) {
        String from = components.get(component).name();
        return components.stream()
                .filter(other -> other.inputs().contains(from))
                .map(other -> from + "->" + other.name())
                .toList();
    }

    // ---- what instances ask of their surroundings ----------------------------------------------------------------

    World world() {
        return world;
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

    long blockedUntil(int component) {
        return blockedUntil[component];
    }

    boolean deadLettersDown() {
        return now() < deadLettersDownUntil;
    }

    @Nullable
    Instance find(String address) {
        for (Instance instance : everybody) {
            if (instance.reachable() && instance.toString().equals(address)) {
                return instance;
            }
        }
        return null;
    }

    // ---- what invariants see -------------------------------------------------------------------------------------

    void delivered(int sink, int arm, int event) {
        int route = world.route(sink, arm, event);
        world.deliveries[route][event]++;
        trace(() -> "delivered " + world.describe(event) + " on route " + route);
        for (Invariant invariant : invariants) {
            invariant.delivered(world, route, event);
        }
    }

    void commit(int source, int partition, long position) {
        trace(() -> "commit source " + source + " partition " + partition + " position " + position);
        for (Invariant invariant : invariants) {
            invariant.committing(world, source, partition, position);
        }
        world.commit(source, partition, position);
    }

    void accepted(Instance emitter, String edge, Instance subscriber, boolean anew) {
        if (anew && everybody.stream().anyMatch(Instance::haunts)) {
            // What a zombie was given before its replacement took over is given again: that is a second set-back of its
            // own.
            world.disturbances.add(now());
        }
        for (Invariant invariant : invariants) {
            invariant.accepted(emitter, edge, subscriber);
        }
    }

    void took(Instance subscriber, String edge, Instance emitter) {
        for (Invariant invariant : invariants) {
            invariant.took(subscriber, edge, emitter);
        }
    }

    void turned(Instance instance) {
        for (Invariant invariant : invariants) {
            invariant.turned(instance);
        }
    }

    void started(Instance instance, int key) {
        for (Invariant invariant : invariants) {
            invariant.started(instance, key);
        }
    }

    boolean committedAll(int source) {
        for (int partition = 0; partition < schedule.partitions(); partition++) {
            int[] log = world.log(source, partition);
            if (log.length > 0 && world.committed(source, partition) <= world.position(log[log.length - 1])) {
                return false;
            }
        }
        return true;
    }

    boolean everybodyDone() {
        for (int i = 0; i < current.length; i++) {
            Instance instance = current[i];
            if (instance == null || !instance.core().done()) {
                return false;
            }
            if (instance.isSource() && !committedAll(i)) {
                return false;
            }
        }
        return true;
    }

    String describe() {
        StringBuilder text =
                new StringBuilder(schedule.toString()).append(" at ").append(now());
        for (Instance instance : current) {
            if (instance != null) {
                Progress progress = instance.core().progress();
                text.append("\n  ").append(instance).append(' ').append(progress);
            }
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
