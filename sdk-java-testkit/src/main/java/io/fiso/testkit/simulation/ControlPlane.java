// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Wiring;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Starts instances, tells everybody their neighbours, and says which replicas are out. While it is away nothing of that happens, and all else
 * goes on; when it is back it adopts who still works, under the generation each has.
 */
final class ControlPlane {
    private final Simulation simulation;
    private final Fleet fleet;
    private final Set<Place> out = new HashSet<>();
    private final Set<Place> due = new HashSet<>();
    private long version;
    private int absences;
    private int pauses;

    ControlPlane(Simulation simulation, Fleet fleet) {
        this.simulation = simulation;
        this.fleet = fleet;
    }

    // ---- being away ----------------------------------------------------------------------------------------------

    void leave() {
        absences++;
    }

    void comeBack() {
        if (--absences > 0) {
            return;
        }
        // Everybody registers again, and says which generation it has; what died meanwhile is started now.
        if (simulation.mutation().startsEverythingAgain()) {
            fleet.places().forEach(this::launch);
        }
        publish();
        List<Place> missing = List.copyOf(due);
        due.clear();
        for (Place place : fleet.places()) {
            if (missing.contains(place)) {
                launchSoon(place);
            }
        }
    }

    boolean away() {
        return absences > 0;
    }

    // ---- starting ------------------------------------------------------------------------------------------------

    /** Starts somebody new here, soon, or when it is back. */
    void launchSoon(Place place) {
        simulation.after(simulation.delay() * 8, () -> {
            if (away()) {
                due.add(place);
            } else if (fleet.at(place) == null && !out.contains(place)) {
                launch(place);
            }
        });
    }

    private void launch(Place place) {
        simulation.starting(place);
        if (fleet.haunted()) {
            // Whoever is replaced only now has worked until now.
            simulation.disturbed();
        }
        Instance instance = fleet.start(place);
        if (pauses > 0) {
            pause(instance);
        }
        simulation.trace(() -> instance + " starts");
        simulation.membersChanged(place);
        publish();
    }

    // ---- pausing -------------------------------------------------------------------------------------------------

    void pause() {
        pauses++;
        fleet.sources().forEach(this::pause);
    }

    private void pause(Instance instance) {
        instance.post(() -> instance.core().pause("for a while"));
    }

    void resume() {
        if (--pauses == 0) {
            fleet.sources().forEach(source -> source.post(source.core()::resume));
        }
    }

    boolean paused() {
        return pauses > 0;
    }

    // ---- replicas ------------------------------------------------------------------------------------------------

    /** Whoever worked here is dead for sure: the others take over until it is back. */
    void declareOut(Place place) {
        out.add(place);
        publish();
    }

    void takeIn(Place place) {
        if (out.remove(place)) {
            publish();
            launchSoon(place);
        }
    }

    private List<Integer> out(int component) {
        return out.stream()
                .filter(place -> place.component() == component)
                .map(Place::replica)
                .sorted()
                .toList();
    }

    // ---- wiring --------------------------------------------------------------------------------------------------

    private void publish() {
        if (away()) {
            return;
        }
        version++;
        for (Instance instance : fleet.atWork()) {
            Wiring wiring = simulation.mutation().wiring(wiring(instance.place()));
            simulation.after(
                    simulation.delay() * 3,
                    () -> instance.post(() -> instance.core().wire(wiring)));
        }
    }

    private Wiring wiring(Place place) {
        List<Wiring.Upstream> upstreams = new ArrayList<>();
        List<Wiring.Downstream> downstreams = new ArrayList<>();
        List<Wiring.Input> inputs = new ArrayList<>();
        Topology.Component me = place.shape();
        List<Topology.Component> components = simulation.schedule().topology().components();
        for (int other = 0; other < components.size(); other++) {
            Topology.Component neighbour = components.get(other);
            List<Place> places = fleet.places(other);
            if (me.inputs().contains(neighbour.name())) {
                String edge = neighbour.name() + "->" + me.name();
                inputs.add(new Wiring.Input(edge, places.size(), out(other)));
                for (Place at : places) {
                    Instance emitter = fleet.at(at);
                    if (emitter != null) {
                        upstreams.add(new Wiring.Upstream(
                                edge, neighbour.name(), at.replica(), emitter.toString(), emitter.generation()));
                    }
                }
            }
            if (neighbour.inputs().contains(me.name())) {
                String edge = me.name() + "->" + neighbour.name();
                List<Long> lowest = places.stream().map(fleet::granted).toList();
                downstreams.add(
                        new Wiring.Downstream(edge, neighbour.name(), places.size(), List.of(), lowest, out(other)));
            }
        }
        return new Wiring(version, upstreams, downstreams, inputs);
    }
}
