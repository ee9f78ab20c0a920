// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.Progress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Watches a run's counts as they come in, and keeps what did not add up: a violation stays one, even if later numbers hide it. Changed by {@link RunMachine}
 * alone.
 */
final class Conservation {
    private final ResolvedPipeline pipeline;
    private final PartitionTotals partitions = new PartitionTotals();
    private final Map<Ends, EdgeEnds> edges = new HashMap<>();
    private final Map<String, String> violations = new LinkedHashMap<>();

    private record Ends(String edge, int emitter, int receiver) {}

    /** Finds the replica at the other end. */
    interface Neighbours {
        Optional<Replica> replica(String component, int index);
    }

    Conservation(ResolvedPipeline pipeline) {
        this.pipeline = pipeline;
    }

    PartitionTotals partitions() {
        return partitions;
    }

    /** What did not add up at some time, by place: the first of each. */
    Map<String, String> violations() {
        return Map.copyOf(violations);
    }

    /** A replica has described itself. */
    void described(Replica replica, Neighbours neighbours, Now now) {
        Progress progress = replica.progress();
        Audit.check(replica.id(), progress).forEach((place, problem) -> violation(place, problem, now));
        if (replica.isSource()) {
            partitions
                    .report(replica.id(), progress)
                    .forEach(back -> violation(
                            Audit.place(
                                    back.partition().component(),
                                    back.partition().partition()),
                            "its committed totals went back from " + back.before() + " events to " + back.after()
                                    + ": its position was set back, or the ledger beside it was lost",
                            now));
        }
        for (EdgeProgress edge : progress.getOutputsList()) {
            end(edge.getEdge(), true)
                    .flatMap(to -> neighbours.replica(to, edge.getReplica()))
                    .ifPresent(receiver -> sent(replica, receiver, edge));
        }
        for (EdgeProgress edge : progress.getInputsList()) {
            end(edge.getEdge(), false)
                    .flatMap(from -> neighbours.replica(from, edge.getReplica()))
                    .ifPresent(emitter -> received(emitter, replica, edge, now));
        }
    }

    private Optional<String> end(String name, boolean to) {
        return pipeline.edges().stream()
                .filter(edge -> edge.name().equals(name))
                .map(edge -> to ? edge.to() : edge.from())
                .findFirst();
    }

    private void sent(Replica emitter, Replica receiver, EdgeProgress edge) {
        receiver.registration()
                .ifPresent(registration -> ends(edge.getEdge(), emitter, receiver)
                        .sent(
                                emitter.generation,
                                receiver.generation,
                                receiver.registeredMillis,
                                edge.getSettled(),
                                emitter.describedAfterMillis,
                                emitter.answeredMillis));
    }

    private void received(Replica emitter, Replica receiver, EdgeProgress edge, Now now) {
        ends(edge.getEdge(), emitter, receiver)
                .received(emitter.generation, receiver.generation, edge.getSettled(), receiver.describedAfterMillis)
                .ifPresent(problem -> violation(
                        Audit.place(
                                edge.getEdge(),
                                emitter.id().index(),
                                receiver.id().index()),
                        problem,
                        now));
    }

    private EdgeEnds ends(String edge, Replica emitter, Replica receiver) {
        return edges.computeIfAbsent(
                new Ends(edge, emitter.id().index(), receiver.id().index()), _ -> new EdgeEnds());
    }

    private void violation(String place, String problem, Now now) {
        violations.putIfAbsent(
                place, "at " + now.wall().truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + " " + problem);
    }
}
