// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The replicas of a run, in the order of the pipeline. They are all there from the beginning, and stay. */
final class Roster {
    private final String run;
    private final Map<ReplicaId, Replica> replicas = new LinkedHashMap<>();

    Roster(String run, List<Replica> replicas) {
        this.run = run;
        replicas.forEach(replica -> this.replicas.put(replica.id(), replica));
    }

    List<Replica> all() {
        return List.copyOf(replicas.values());
    }

    Stream<Replica> sources() {
        return replicas.values().stream().filter(Replica::isSource);
    }

    List<Replica> of(String component) {
        return replicas.values().stream()
                .filter(replica -> replica.id().component().equals(component))
                .toList();
    }

    Optional<Replica> find(String component, int index) {
        return Optional.ofNullable(replicas.get(new ReplicaId(component, index)));
    }

    Replica get(ReplicaId id) {
        Replica replica = replicas.get(id);
        if (replica == null) {
            throw new ControlPlaneException(
                    Kind.NOT_FOUND,
                    "component.unknown",
                    "run \"" + run + "\" has no component \"" + id.component() + "\" with a replica " + id.index());
        }
        return replica;
    }

    boolean all(Predicate<Replica> condition) {
        return replicas.values().stream().allMatch(condition);
    }

    boolean any(Predicate<Replica> condition) {
        return replicas.values().stream().anyMatch(condition);
    }
}
