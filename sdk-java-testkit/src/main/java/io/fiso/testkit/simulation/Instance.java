// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.DeliverySettings;
import io.fiso.sdk.delivery.Effects;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One start of one component: a core, and everything that dies with its process. */
final class Instance implements Effects {
    private final Simulation simulation;
    private final Place place;
    private final long generation;
    private final DeliveryCore core;
    private final UserCode code;
    private final @Nullable Reader reader;
    final List<Wire> wires = new ArrayList<>();
    final Set<Integer> running = new HashSet<>();
    private final List<Runnable> backlog = new ArrayList<>();
    private boolean alive = true;
    private boolean frozen;
    private boolean zombie;
    private boolean lingering;
    private boolean turnPlanned;
    private boolean seenDone;
    private int turns;

    Instance(Simulation simulation, Place place, long generation) {
        this.simulation = simulation;
        this.place = place;
        this.generation = generation;
        Schedule schedule = simulation.schedule();
        code = new UserCode(simulation, this);
        core = new DeliveryCore(
                new DeliverySettings(
                        "run",
                        place.shape().name(),
                        place.replica(),
                        place + "#" + generation,
                        generation,
                        schedule.topology().inputs(place.component()),
                        schedule.topology().outputs(place.component()),
                        new DeliverySettings.Limits(
                                schedule.windowEvents(), 1 << 20, 1 << 10, schedule.maxSpan(), 1 << 10, 4096),
                        schedule.retry(),
                        schedule.topology().leadsTo(place.component()),
                        simulation.mutation().onFailure(schedule.onFailure())),
                simulation.mutation().work(code.work()),
                this,
                simulation.random());
        reader = isSource() ? new Reader(simulation, this, place.component()) : null;
    }

    // ---- life ----------------------------------------------------------------------------------------------------

    DeliveryCore core() {
        return core;
    }

    Reader reader() {
        return Objects.requireNonNull(reader, "only a source reads");
    }

    Schedule schedule() {
        return simulation.schedule();
    }

    Place place() {
        return place;
    }

    long generation() {
        return generation;
    }

    boolean isSource() {
        return place.shape().kind() == Topology.Kind.SOURCE;
    }

    boolean isSink() {
        return place.shape().kind() == Topology.Kind.SINK;
    }

    boolean reachable() {
        return alive && !frozen;
    }

    /** Whether what it does has an effect outside. */
    boolean works() {
        return alive && !zombie;
    }

    boolean isZombie() {
        return zombie;
    }

    boolean haunts() {
        return alive && (zombie || lingering);
    }

    void start() {
        if (reader != null) {
            reader.tick();
        }
        planTurn();
    }

    void kill() {
        alive = false;
        disconnect();
    }

    /** Goes on beside its replacement, which it knows nothing of. */
    void linger() {
        lingering = true;
    }

    /** Cut off from everything, but not dead. */
    void freeze() {
        frozen = true;
        zombie = true;
        disconnect();
    }

    /** Back beside its replacement; the outside takes nothing from it any more. */
    void thaw() {
        if (!alive) {
            return;
        }
        frozen = false;
        List<Runnable> missed = List.copyOf(backlog);
        backlog.clear();
        missed.forEach(this::post);
        planTurn();
    }

    void disconnect() {
        for (Wire wire : List.copyOf(wires)) {
            wire.breakDown();
        }
        wires.clear();
    }

    /** Runs something on the core's thread, and a turn soon after. */
    void post(Runnable what) {
        if (!alive) {
            return;
        }
        if (frozen) {
            backlog.add(what);
            return;
        }
        what.run();
        planTurn();
    }

    void planTurn() {
        if (!turnPlanned) {
            turnPlanned = true;
            simulation.after(10_000, this::turn);
        }
    }

    private void turn() {
        turnPlanned = false;
        if (!reachable()) {
            return;
        }
        if (simulation.mutation().stopsWithoutControlPlane()
                && simulation.controlPlane().away()) {
            simulation.after(Schedule.MILLIS, this::planTurn);
            return;
        }
        boolean more = core.turn();
        if ((turns++ & 15) == 0) {
            simulation.turned(this);
        }
        if (!seenDone && core.done()) {
            seenDone = true;
            simulation.done(this);
        }
        if (more) {
            planTurn();
        }
    }

    // ---- the rest of the world -----------------------------------------------------------------------------------

    @Override
    public long nanoTime() {
        return simulation.now();
    }

    @Override
    public void start(Task task) {
        code.start(task);
    }

    @Override
    public void startBatch(BatchTask batch) {
        code.startBatch(batch);
    }

    @Override
    public void writeDeadLetters(List<FailedEvent> letters) {
        reader().writeDeadLetters(letters);
    }

    @Override
    public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call) {
        Wire wire = new Wire(simulation, this, open, call);
        wires.removeIf(Wire::broken);
        wires.add(wire);
        wire.dial(simulation.fleet().find(upstream.address()));
        return wire;
    }

    @Override
    public void wakeAt(long nanos) {
        simulation.at(nanos, this::planTurn);
    }

    @Override
    public void injected(Object token, Fate fate, @Nullable Failure failure) {
        simulation.replays().answered((Integer) token, fate);
    }

    @Override
    public void failed(Failure failure) {
        simulation.runFailed(failure);
    }

    @Override
    public void fenced(String reason) {
        if (!zombie && !lingering) {
            throw new Violation("D8", this + " was fenced though nobody replaced it: " + reason);
        }
        // What it alone was given is given again to its replacement.
        simulation.disturbed();
        simulation.after(1, this::kill);
    }

    @Override
    public String toString() {
        return place + "#" + generation;
    }
}
