// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.pipeline.ResolvedPipeline.DurableEdge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When the source of a durable edge may end. Its stream has no end of its own; it is complete once everything that feeds it has ended and settled. Which end
 * that is, is told apart by a mark: the generations of the sources it goes back to. A source that is started again may read again, and append to the stream
 * what was not committed; then what was read up to the former end is not all. Pure: it looks at the roster, and keeps nothing.
 */
final class DurableEnds {
    private final Roster roster;
    private final Map<String, Set<String>> feeders = new HashMap<>();

    DurableEnds(ResolvedPipeline pipeline, Roster roster) {
        this.roster = roster;
        for (DurableEdge edge : pipeline.durableEdges()) {
            feeders.put(edge.source(), feeders(edge.sink(), pipeline.edges()));
        }
    }

    /** A component and all that it gets events from, as far as the next stream. */
    private static Set<String> feeders(String sink, List<ResolvedPipeline.Edge> edges) {
        Set<String> found = new LinkedHashSet<>();
        List<String> open = new ArrayList<>(List.of(sink));
        while (!open.isEmpty()) {
            String id = open.removeLast();
            if (found.add(id)) {
                edges.stream().filter(edge -> edge.to().equals(id)).forEach(edge -> open.add(edge.from()));
            }
        }
        return found;
    }

    /** The mark of the end of what this replica reads, if that has ended; empty otherwise, and if it is not the source of a durable edge. */
    Optional<String> endOf(Replica replica) {
        Set<String> before = feeders.get(replica.id().component());
        if (before == null) {
            return Optional.empty();
        }
        List<Replica> all = roster.all().stream()
                .filter(other -> before.contains(other.id().component()))
                .toList();
        return all.stream().allMatch(this::complete)
                ? Optional.of(all.stream()
                        .filter(Replica::isSource)
                        .map(source -> source.id() + ":" + source.generation)
                        .collect(Collectors.joining(",")))
                : Optional.empty();
    }

    /** Whether it has ended, with everything settled, and not before the end of what it reads. */
    boolean complete(Replica replica) {
        return replica.done()
                && replica.progress().getInFlight() == 0
                && (!feeders.containsKey(replica.id().component())
                        // Nobody starts it again: what may still come into the stream is for the next run.
                        || replica.state instanceof ReplicaState.Gone
                        || endOf(replica)
                                .filter(mark -> mark.equals(told(replica)))
                                .isPresent());
    }

    /** The mark of the end that this instance was told of; empty if it was told of none. */
    static String told(Replica replica) {
        return replica.progress().getFinishing();
    }
}
