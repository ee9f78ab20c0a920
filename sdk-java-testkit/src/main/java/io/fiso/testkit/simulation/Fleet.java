// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** All instances: who is at work in which place, who was, and who is fenced. */
final class Fleet {
    private final Simulation simulation;
    private final List<Place> places = new ArrayList<>();
    private final List<Instance> everybody = new ArrayList<>();
    private final @Nullable Instance[] current;
    private final long[] granted;
    private final long[] generations;

    Fleet(Simulation simulation, Schedule schedule) {
        this.simulation = simulation;
        List<Topology.Component> components = schedule.topology().components();
        for (int component = 0; component < components.size(); component++) {
            for (int replica = 0; replica < schedule.replicas().get(component); replica++) {
                places.add(new Place(places.size(), component, replica, components.get(component)));
            }
        }
        current = new Instance[places.size()];
        granted = new long[places.size()];
        generations = new long[components.size()];
    }

    List<Place> places() {
        return places;
    }

    /** The places of one component. */
    List<Place> places(int component) {
        return places.stream().filter(place -> place.component() == component).toList();
    }

    /** A place of this component. */
    Place any(int component, SplittableRandom random) {
        List<Place> all = places(component);
        return all.get(all.size() == 1 ? 0 : random.nextInt(all.size()));
    }

    /** Who is at work here; null while nobody is. */
    @Nullable
    Instance at(Place place) {
        return current[place.index()];
    }

    /** The newest generation that was granted for this place. */
    long granted(Place place) {
        return granted[place.index()];
    }

    /** Everybody who is at work. */
    List<Instance> atWork() {
        List<Instance> instances = new ArrayList<>();
        for (Instance instance : current) {
            if (instance != null) {
                instances.add(instance);
            }
        }
        return instances;
    }

    /** The sources at work; one that is just being replaced is missing. */
    List<Instance> sources() {
        return atWork().stream().filter(Instance::isSource).toList();
    }

    boolean complete() {
        return atWork().size() == places.size();
    }

    /** Everybody who ever started, the dead as well. */
    List<Instance> everybody() {
        return everybody;
    }

    Instance start(Place place) {
        long generation = ++generations[place.component()];
        granted[place.index()] = generation;
        Instance instance = new Instance(simulation, place, generation);
        current[place.index()] = instance;
        everybody.add(instance);
        instance.start();
        return instance;
    }

    /** Nobody is at work here any more, whatever becomes of who was. */
    void leave(Place place) {
        current[place.index()] = null;
    }

    /** Whether a newer instance has started here: the outside takes no commit of this one any more. */
    boolean replaced(Instance instance) {
        return granted[instance.place().index()] > instance.generation();
    }

    /** Whether somebody goes on beside its replacement. */
    boolean haunted() {
        return everybody.stream().anyMatch(Instance::haunts);
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
}
