// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.AuditLine;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds up what became of every event of a run. Pure: a run as it was told, and what did not add up while it ran, in; lines out. */
public final class Audit {
    private Audit() {}

    /** The sums of a run of which no more is known than what it shows. */
    public static AuditRunResponse of(Run run) {
        return of(run, Map.of());
    }

    /** @param violations what did not add up at some time while it ran, by place */
    static AuditRunResponse of(Run run, Map<String, String> violations) {
        Map<String, String> open = new LinkedHashMap<>(violations);
        run.getComponentsList()
                .forEach(component -> check(
                                new ReplicaId(component.getComponent(), component.getReplica()),
                                component.getProgress())
                        .forEach(open::putIfAbsent));
        AuditRunResponse.Builder audit = AuditRunResponse.newBuilder().setRun(run);
        FateCounts fates = FateCounts.getDefaultInstance();
        long accepted = 0;
        long inFlight = 0;
        for (ComponentStatus component : run.getComponentsList()) {
            for (PartitionProgress partition : component.getProgress().getPartitionsList()) {
                String place = place(component.getComponent(), partition.getPartition());
                audit.addSources(line(
                        place,
                        partition.getAccepted(),
                        partition.getSettled(),
                        partition.getUnsettled(),
                        open.remove(place),
                        sourceScope(run, component)));
                if (reads(run, component.getComponent())) {
                    continue;
                }
                fates = Fates.sum(fates, partition.getSettled());
                accepted += partition.getAccepted();
                inFlight += partition.getUnsettled();
            }
            for (EdgeProgress edge : component.getProgress().getOutputsList()) {
                String place = place(edge.getEdge(), component.getReplica(), edge.getReplica());
                audit.addEdges(line(
                        place,
                        edge.getEvents(),
                        edge.getSettled(),
                        edge.getUnsettled(),
                        open.remove(place),
                        since(component)));
            }
        }
        open.forEach((place, problem) -> {
            if (place.contains("->")) {
                audit.addEdges(AuditLine.newBuilder().setPlace(place).setViolation(problem));
            } else {
                audit.addSources(AuditLine.newBuilder().setPlace(place).setViolation(problem));
            }
        });
        return audit.setTotal(total(run, accepted, fates, inFlight)).build();
    }

    /** Whether it takes out of a stream what sources have accepted before. */
    private static boolean reads(Run run, String component) {
        return run.getDurableEdgesList().stream()
                .anyMatch(edge -> edge.getSource().equals(component));
    }

    /** The run's own totals, which must be those of the partitions of the sources that the user named. */
    private static AuditLine total(Run run, long accepted, FateCounts fates, long inFlight) {
        boolean named = accepted > 0 || run.getAccepted() == 0;
        String problem = imbalance(run.getAccepted(), run.getTotals(), run.getInFlight())
                .or(() -> named
                                && (accepted != run.getAccepted()
                                        || !fates.equals(run.getTotals())
                                        || inFlight != run.getInFlight())
                        ? Optional.of("the partitions add up to accepted " + accepted + ", " + Fates.text(fates)
                                + ", in flight " + inFlight)
                        : Optional.empty())
                .orElse(null);
        return line("total", run.getAccepted(), run.getTotals(), run.getInFlight(), problem, "");
    }

    private static AuditLine line(
            String place, long accepted, FateCounts fates, long inFlight, @Nullable String violation, String scope) {
        return AuditLine.newBuilder()
                .setPlace(place)
                .setAccepted(accepted)
                .setFates(fates)
                .setInFlight(inFlight)
                .setViolation(violation == null ? "" : violation)
                .setScope(scope)
                .build();
    }

    /** How many lines do not hold. */
    public static long violations(AuditRunResponse audit) {
        long sources = audit.getSourcesList().stream().filter(Audit::violated).count();
        long edges = audit.getEdgesList().stream().filter(Audit::violated).count();
        return sources + edges + (violated(audit.getTotal()) ? 1 : 0);
    }

    private static boolean violated(AuditLine line) {
        return !line.getViolation().isEmpty();
    }

    /** A source's partition: {@code orders[orders-3]}. */
    static String place(String component, String partition) {
        return component + "[" + partition + "]";
    }

    /** An edge, and the replica it leads to: {@code orders->normalize#0}; an emitter other than replica 0 is named too. */
    static String place(String edge, int emitter, int receiver) {
        int arrow = edge.indexOf("->");
        String named =
                emitter == 0 || arrow < 0 ? edge : edge.substring(0, arrow) + "/" + emitter + edge.substring(arrow);
        return named + "#" + receiver;
    }

    /** What one replica's own numbers, all of one moment, contradict each other in; by place. */
    static Map<String, String> check(ReplicaId replica, Progress progress) {
        Map<String, String> problems = new LinkedHashMap<>();
        for (PartitionProgress partition : progress.getPartitionsList()) {
            imbalance(partition.getAccepted(), partition.getSettled(), partition.getUnsettled())
                    .or(() -> Fates.covers(partition.getSettled(), partition.getCommittedSettled())
                            ? Optional.empty()
                            : Optional.of("more is committed than settled: "
                                    + Fates.text(partition.getCommittedSettled()) + ", but "
                                    + Fates.text(partition.getSettled())))
                    .ifPresent(problem -> problems.put(place(replica.component(), partition.getPartition()), problem));
        }
        for (EdgeProgress edge : progress.getOutputsList()) {
            imbalance(edge.getEvents(), edge.getSettled(), edge.getUnsettled())
                    .ifPresent(problem ->
                            problems.put(place(edge.getEdge(), replica.index(), edge.getReplica()), problem));
        }
        if (progress.getPartitionsCount() > 0 && progress.getSettled().getFailed() > progress.getDeadLetters()) {
            problems.put(
                    replica.component() + "[dead letters]",
                    progress.getSettled().getFailed() + " events are settled as dead-lettered, but only "
                            + progress.getDeadLetters() + " dead letters were written");
        }
        return problems;
    }

    private static Optional<String> imbalance(long accepted, FateCounts fates, long inFlight) {
        long known = Fates.total(fates) + inFlight;
        if (accepted == known) {
            return Optional.empty();
        }
        return Optional.of("accepted " + accepted + ", but " + Fates.total(fates) + " have a fate and " + inFlight
                + " are in flight: " + Math.abs(accepted - known) + (accepted > known ? " are missing" : " too many"));
    }

    private static String sourceScope(Run run, ComponentStatus source) {
        boolean down = !RunView.isFinal(run.getState()) && source.getHealth() != Health.HEALTH_HEALTHY;
        return down && source.getKind() == ComponentKind.COMPONENT_KIND_SOURCE ? "this run, as of its last report" : "";
    }

    private static String since(ComponentStatus component) {
        if (component.getRestarts() == 0) {
            return "";
        }
        String restart = "since the restart of \"" + component.getComponent() + "\"";
        return component.hasRegisteredAt()
                ? restart + " at "
                        + java.time.Instant.ofEpochSecond(
                                component.getRegisteredAt().getSeconds())
                : restart;
    }
}
