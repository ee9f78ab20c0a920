// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who takes part in a run: which instance holds which replica, by which generation. Generations only grow; who has been replaced stays out (guarantee D8).
 */
final class Admission {
    /** How many replaced instances are remembered by name, so that they are told to exit. */
    private static final int FENCED_MAX = 1_000;

    private final String run;
    private final Roster roster;
    private final Set<String> fenced = new LinkedHashSet<>();
    private long lastGeneration;

    /** @param lastGeneration the highest generation granted so far, in any run of this pipeline */
    Admission(String run, Roster roster, long lastGeneration) {
        this.run = run;
        this.roster = roster;
        this.lastGeneration = lastGeneration;
    }

    long lastGeneration() {
        return lastGeneration;
    }

    /** Lets an instance in, or refuses with a reason. One that is in already has its grant repeated. */
    Replica admit(RegisterComponentRequest request, Now now) {
        List<Replica> candidates = roster.of(request.getComponent());
        if (candidates.isEmpty()) {
            throw new ControlPlaneException(
                    Kind.NOT_FOUND,
                    "component.unknown",
                    "run \"" + run + "\" has no component \"" + request.getComponent() + "\"");
        }
        refuseFenced(request.getComponent(), request.getInstance());
        Optional<Replica> known = find(candidates, request.getInstance());
        if (known.isPresent()) {
            Replica replica = known.get();
            replica.registration = replica.registration().orElseThrow().repeated(request);
            replica.heartbeat(now);
            return replica;
        }
        Replica replica = vacancy(candidates, request);
        replica.generation = generation(replica, request.getPreviousGeneration());
        replica.registered(new Registration(request, replica.generation, now.wall(), ""), now);
        return replica;
    }

    /** An instance that an earlier control plane let in keeps what it was granted, unless a later one was granted since. */
    private long generation(Replica replica, long previous) {
        if (previous == 0 || previous < replica.generation) {
            return ++lastGeneration;
        }
        lastGeneration = Math.max(lastGeneration, previous);
        return previous;
    }

    private static Optional<Replica> find(List<Replica> among, String instance) {
        return among.stream()
                .filter(replica -> replica.registration()
                        .filter(registration -> registration.instance().equals(instance))
                        .isPresent())
                .findFirst();
    }

    /** The launch that this instance is: of the replica it was started as; else by its process id; else the first that nobody has claimed. */
    private static Replica vacancy(List<Replica> candidates, RegisterComponentRequest request) {
        List<Replica> wanted = candidates.stream()
                .filter(replica -> !request.hasReplica() || replica.id().index() == request.getReplica())
                .toList();
        List<Replica> vacant = wanted.stream()
                .filter(replica -> replica.registration == null)
                .filter(replica ->
                        replica.state instanceof ReplicaState.Launching || replica.state instanceof ReplicaState.Up)
                .toList();
        return vacant.stream()
                .filter(replica -> replica.launchedPid != 0 && replica.launchedPid == request.getPid())
                .findFirst()
                .or(() -> vacant.stream().findFirst())
                .orElseThrow(() -> duplicate(wanted, request));
    }

    private static ControlPlaneException duplicate(List<Replica> wanted, RegisterComponentRequest request) {
        Optional<Registration> holder = wanted.stream()
                .map(Replica::registration)
                .flatMap(Optional::stream)
                .findFirst();
        return holder.map(registration -> new ControlPlaneException(
                        Kind.EXISTS,
                        "component.duplicate",
                        "component \"" + request.getComponent() + "\" at " + request.getAddress()
                                + " is refused: a live instance at " + registration.address()
                                + " holds that id; stop one of them, or give it another id"))
                .orElseGet(() -> new ControlPlaneException(
                        Kind.REFUSED,
                        "component.not_launched",
                        "component \"" + request.getComponent() + "\" at " + request.getAddress()
                                + " is refused: this run has not launched it"));
    }

    private void refuseFenced(String component, String instance) {
        if (fenced.contains(instance)) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "component.fenced",
                    "instance " + instance + " of component \"" + component + "\" has been replaced and must exit");
        }
    }

    /** Whether this instance is in, or was until it was replaced. */
    boolean knows(String component, String instance) {
        return fenced.contains(instance) || find(roster.of(component), instance).isPresent();
    }

    /** The replica that this instance holds with this generation. */
    Replica holder(String component, String instance, long generation) {
        refuseFenced(component, instance);
        Replica replica = find(roster.of(component), instance)
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.NOT_FOUND,
                        "component.not_registered",
                        "instance " + instance + " of component \"" + component
                                + "\" is not registered; register again"));
        if (generation != replica.generation) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "component.stale_generation",
                    "generation " + generation + " of component \"" + component + "\" is not in force; generation "
                            + replica.generation + " is");
        }
        return replica;
    }

    /** Never again. */
    void fence(String instance) {
        fenced.add(instance);
        if (fenced.size() > FENCED_MAX) {
            fenced.remove(fenced.iterator().next());
        }
    }
}
