// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.Timestamp;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.cli.output.Table;
import io.fiso.cli.output.Terminal;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.DurableEdge;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs for people and for programs. */
final class RunText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    private RunText() {}

    /** COMPLETED, RUNNING, … */
    static String state(Run run) {
        return run.getState().name().substring("RUN_STATE_".length());
    }

    static String health(ComponentStatus component) {
        return component.getHealth().name().substring("HEALTH_".length());
    }

    static String kind(ComponentStatus component) {
        return component.getKind().name().substring("COMPONENT_KIND_".length()).toLowerCase(java.util.Locale.ROOT);
    }

    static boolean isFinal(Run run) {
        return switch (run.getState()) {
            case RUN_STATE_COMPLETED, RUN_STATE_STOPPED, RUN_STATE_FAILED -> true;
            default -> false;
        };
    }

    static String paint(Style style, Run run) {
        String state = state(run);
        return switch (run.getState()) {
            case RUN_STATE_FAILED -> style.red(state);
            case RUN_STATE_DEGRADED, RUN_STATE_DRAINING, RUN_STATE_PAUSED -> style.yellow(state);
            default -> style.green(state);
        };
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    static Duration duration(Run run) {
        Instant end = run.hasEndedAt() ? instant(run.getEndedAt()) : Instant.now();
        Duration duration = Duration.between(instant(run.getStartedAt()), end);
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    /** {@code accepted 1000 = delivered 998 + dead-lettered 2 + …}: what is zero is left out, but for delivered. */
    static String sum(Run run) {
        return sum(run.getAccepted(), run.getTotals(), run.getInFlight());
    }

    private static String sum(long accepted, FateCounts fates, long inFlight) {
        StringBuilder text = new StringBuilder("accepted ")
                .append(Long.toUnsignedString(accepted))
                .append(" = delivered ")
                .append(fates.getDelivered());
        part(text, "dead-lettered", fates.getFailed());
        part(text, "filtered", fates.getFiltered());
        part(text, "dropped", fates.getDropped());
        part(text, "absorbed", fates.getAbsorbed());
        part(text, "in flight", inFlight);
        return text.toString();
    }

    /**
     * The sums with what came out of the streams of durable edges, a line for each: {@code durable normalize → callback: accepted 63 = delivered 60 + in flight 3;
     * 37 wait in the stream}.
     */
    static String sums(Run run) {
        return run.getDurableEdgesList().stream()
                .map(edge -> "\ndurable " + edge.getFrom() + " → " + edge.getTo() + ": "
                        + sum(edge.getAccepted(), edge.getTotals(), edge.getInFlight())
                        + waiting(edge))
                .collect(Collectors.joining("", sum(run), ""));
    }

    private static String waiting(DurableEdge edge) {
        return edge.hasWaiting() && edge.getWaiting() > 0 ? "; " + edge.getWaiting() + " wait in the stream" : "";
    }

    /** What waits in streams, for a line that has little room; empty if nothing does. */
    static String inStreams(Run run) {
        long waiting = run.getDurableEdgesList().stream()
                .mapToLong(DurableEdge::getWaiting)
                .sum();
        return waiting == 0 ? "" : "; " + waiting + " wait in streams";
    }

    /** Dead letters of all sources, those of durable edges included. */
    private static long deadLettered(Run run) {
        return run.getTotals().getFailed()
                + run.getDurableEdgesList().stream()
                        .mapToLong(edge -> edge.getTotals().getFailed())
                        .sum();
    }

    /** {@code stream-sink of normalize → callback}, for what stands for a durable edge. */
    private static String type(Run run, ComponentStatus component) {
        String type = component.getType().isEmpty() ? "-" : component.getType();
        return run.getDurableEdgesList().stream()
                .filter(edge -> edge.getSink().equals(component.getComponent())
                        || edge.getSource().equals(component.getComponent()))
                .findFirst()
                .map(edge -> type + " of " + edge.getFrom() + " → " + edge.getTo())
                .orElse(type);
    }

    /** How many events sinks had delivered before and did not deliver again; their fate is delivered. */
    static long deduplicated(Run run) {
        return components(run).stream()
                .mapToLong(c -> c.getProgress().getDeduplicated())
                .sum();
    }

    /** The same in a sentence, sink by sink; empty if they recognised nothing. */
    static String repeats(Run run) {
        String counts = components(run).stream()
                .filter(c -> c.getProgress().getDeduplicated() > 0)
                .map(c -> name(run, c) + " " + c.getProgress().getDeduplicated()
                        + (c.getRestarts() > 0 ? " (since its last restart)" : ""))
                .collect(Collectors.joining(", "));
        return counts.isEmpty() ? "" : "Deduplicated, which is delivered before and not again: " + counts;
    }

    private static void part(StringBuilder text, String name, long count) {
        if (count != 0) {
            text.append(" + ").append(name).append(' ').append(count);
        }
    }

    /** The board: what is not well comes first. */
    static Table board(Run run) {
        Table table = new Table("COMPONENT", "KIND", "TYPE", "HEALTH", "RESTARTS", "PID", "WHY");
        components(run).stream()
                .sorted(java.util.Comparator.comparingInt(RunText::urgency))
                .forEach(c -> table.row(
                        name(run, c),
                        kind(c),
                        type(run, c),
                        health(c),
                        c.getRestarts(),
                        c.getPid() == 0 ? "-" : Long.toString(c.getPid()),
                        c.getReason()));
        return table;
    }

    private static int urgency(ComponentStatus component) {
        return switch (component.getHealth()) {
            case HEALTH_CRASH_LOOP -> 0;
            case HEALTH_UNHEALTHY -> 1;
            case HEALTH_RESTARTING -> 2;
            case HEALTH_STARTING -> 3;
            default -> 4;
        };
    }

    static List<ComponentStatus> components(Run run) {
        return run.getComponentsList();
    }

    /** {@code callback}, or {@code callback/1} of a component with several replicas. */
    static String name(Run run, ComponentStatus component) {
        return name(run, component.getComponent(), component.getReplica());
    }

    private static String name(Run run, String component, int replica) {
        boolean several = components(run).stream()
                .anyMatch(c -> c.getReplica() > 0 && c.getComponent().equals(component));
        return several ? component + "/" + replica : component;
    }

    /** {@code normalize/0 → callback/1}: an edge as this replica sends on it. */
    private static String name(Run run, ComponentStatus from, EdgeProgress edge) {
        String to = edge.getEdge().substring(edge.getEdge().indexOf("->") + 2);
        return name(run, from) + " → " + name(run, to, edge.getReplica());
    }

    static long healthy(Run run) {
        return components(run).stream()
                .filter(c -> c.getHealth() == Health.HEALTH_HEALTHY)
                .count();
    }

    /** Exact counts per component, then per edge. */
    static String counts(Run run, Terminal terminal) {
        Table table = new Table(
                "COMPONENT",
                "TYPE",
                "IN",
                "OUT",
                "DELIVERED",
                "FAILED",
                "FILTERED",
                "IN FLIGHT",
                "RETRIES",
                "RESTARTS");
        for (ComponentStatus c : components(run)) {
            Progress p = c.getProgress();
            table.row(
                    name(run, c),
                    type(run, c),
                    p.getEventsIn(),
                    p.getEventsOut(),
                    p.getSettled().getDelivered(),
                    p.getSettled().getFailed(),
                    p.getSettled().getFiltered(),
                    p.getInFlight(),
                    p.getRetries(),
                    c.getRestarts());
        }
        Table edges = new Table("EDGE", "EVENTS", "DELIVERED", "FAILED", "FILTERED", "UNSETTLED", "RESENT");
        for (ComponentStatus c : components(run)) {
            for (EdgeProgress e : c.getProgress().getOutputsList()) {
                edges.row(
                        name(run, c, e),
                        e.getEvents(),
                        e.getSettled().getDelivered(),
                        e.getSettled().getFailed(),
                        e.getSettled().getFiltered(),
                        e.getUnsettled(),
                        e.getResent());
            }
        }
        return table.render(terminal.width())
                + (edges.isEmpty() ? "" : "\n\n" + edges.render(terminal.width()))
                + (repeats(run).isEmpty() ? "" : "\n\n" + repeats(run))
                + sinceRestart(run);
    }

    /** Rows count a process; only the run's own sum counts over all of them. */
    private static String sinceRestart(Run run) {
        String restarted = components(run).stream()
                .filter(c -> c.getRestarts() > 0)
                .map(c -> name(run, c))
                .collect(Collectors.joining(", "));
        return restarted.isEmpty()
                ? ""
                : "\n\nSince their last restart count the rows of " + restarted
                        + " and the edges they emit on; \"fisoctl audit\" counts the whole run.";
    }

    /** One run in one line of a table. */
    static Table table(List<Run> runs) {
        Table table =
                new Table("RUN", "PIPELINE", "STATE", "STARTED", "TOOK", "ACCEPTED", "DELIVERED", "FAILED", "WHY");
        for (Run run : runs) {
            table.row(
                    run.getId(),
                    run.getPipeline(),
                    state(run),
                    TIME.format(instant(run.getStartedAt())),
                    Durations.show(duration(run)),
                    run.getAccepted(),
                    run.getTotals().getDelivered(),
                    deadLettered(run),
                    why(run));
        }
        return table;
    }

    private static String why(Run run) {
        if (run.hasFirstError()) {
            String component = run.getFirstError().getComponent();
            return (component.isEmpty() ? "" : component + ": ")
                    + firstLine(run.getFirstError().getMessage());
        }
        return firstLine(run.getReason());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** For programs. */
    static Map<String, @Nullable Object> data(Run run) {
        return Format.map(
                "id",
                run.getId(),
                "pipeline",
                run.getPipeline(),
                "state",
                state(run),
                "reason",
                run.getReason(),
                "startedAt",
                instant(run.getStartedAt()).toString(),
                "endedAt",
                run.hasEndedAt() ? instant(run.getEndedAt()).toString() : null,
                "durationMillis",
                duration(run).toMillis(),
                "driver",
                run.getDriver(),
                "fingerprint",
                run.getFingerprint(),
                "accepted",
                run.getAccepted(),
                "inFlight",
                run.getInFlight(),
                "totals",
                fates(run.getTotals()),
                "durableEdges",
                run.getDurableEdgesList().stream()
                        .map(edge -> Format.map(
                                "from",
                                edge.getFrom(),
                                "to",
                                edge.getTo(),
                                "stream",
                                edge.getStream(),
                                "sink",
                                edge.getSink(),
                                "source",
                                edge.getSource(),
                                "accepted",
                                edge.getAccepted(),
                                "inFlight",
                                edge.getInFlight(),
                                "totals",
                                fates(edge.getTotals()),
                                "waiting",
                                edge.hasWaiting() ? edge.getWaiting() : null))
                        .toList(),
                "firstError",
                run.hasFirstError()
                        ? Format.map(
                                "component",
                                run.getFirstError().getComponent(),
                                "code",
                                run.getFirstError().getCode(),
                                "message",
                                run.getFirstError().getMessage(),
                                "at",
                                instant(run.getFirstError().getAt()).toString())
                        : null,
                "components",
                components(run).stream().map(RunText::data).toList());
    }

    private static Map<String, @Nullable Object> data(ComponentStatus c) {
        Progress p = c.getProgress();
        List<Object> inputs = new ArrayList<>();
        p.getInputsList().forEach(e -> inputs.add(data(e)));
        List<Object> outputs = new ArrayList<>();
        p.getOutputsList().forEach(e -> outputs.add(data(e)));
        return Format.map(
                "id",
                c.getComponent(),
                "replica",
                c.getReplica(),
                "kind",
                kind(c),
                "type",
                c.getType(),
                "health",
                health(c),
                "reason",
                c.getReason(),
                "restarts",
                c.getRestarts(),
                "generation",
                c.getGeneration(),
                "pid",
                c.getPid(),
                "address",
                c.getAddress(),
                "httpAddress",
                c.getHttpAddress(),
                "eventsIn",
                p.getEventsIn(),
                "eventsOut",
                p.getEventsOut(),
                "settled",
                fates(p.getSettled()),
                "inFlight",
                p.getInFlight(),
                "retries",
                p.getRetries(),
                "deadLetters",
                p.getDeadLetters(),
                "holding",
                p.getHolding(),
                "residentBytes",
                p.getResidentBytes(),
                "cpuNanos",
                p.getCpuNanos(),
                "redelivered",
                p.getRedelivered(),
                "deduplicated",
                p.getDeduplicated(),
                "inputs",
                inputs,
                "outputs",
                outputs,
                "partitions",
                p.getPartitionsList().stream()
                        .map(partition -> Format.map(
                                "partition",
                                partition.getPartition(),
                                "position",
                                partition.getPosition(),
                                "committed",
                                partition.getCommitted(),
                                "lag",
                                partition.getLag(),
                                "heldBy",
                                partition.getHeldBy()))
                        .toList(),
                "lastStderr",
                Format.list(c.getLastStderrList()));
    }

    private static Map<String, @Nullable Object> data(EdgeProgress e) {
        return Format.map(
                "edge",
                e.getEdge(),
                "replica",
                e.getReplica(),
                "events",
                e.getEvents(),
                "bytes",
                e.getBytes(),
                "unsettled",
                e.getUnsettled(),
                "settled",
                fates(e.getSettled()),
                "resent",
                e.getResent(),
                "connected",
                e.getConnected(),
                "ended",
                e.getEnded());
    }

    private static Map<String, @Nullable Object> fates(FateCounts fates) {
        return Format.map(
                "delivered",
                fates.getDelivered(),
                "failed",
                fates.getFailed(),
                "filtered",
                fates.getFiltered(),
                "dropped",
                fates.getDropped(),
                "absorbed",
                fates.getAbsorbed());
    }
}
