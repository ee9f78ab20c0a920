// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.DurableEdge;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunError;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.Progress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Shows a run to the outside: the one place where what is known becomes wire messages. */
final class RunView {
    private RunView() {}

    static Run run(RunMachine machine, Now now) {
        PartitionTotals partitions = machine.conservation().partitions();
        // What comes out of a stream in between was accepted before: it is counted with its edge.
        Predicate<String> named = id -> machine.pipeline().durableEdge(id).isEmpty();
        Run.Builder run = Run.newBuilder()
                .setId(machine.run())
                .setPipeline(machine.pipeline().name())
                .setDriver(machine.pipeline().driver())
                .setFingerprint(machine.pipeline().fingerprint())
                .setStartedAt(WireTime.timestamp(machine.startedAt()))
                .setTotals(partitions.settled(named))
                .setAccepted(partitions.accepted(named))
                .setInFlight(partitions.unsettled(named));
        describe(machine, now, run);
        machine.endedAt().ifPresent(at -> run.setEndedAt(WireTime.timestamp(at)));
        machine.firstError()
                .ifPresent(failure -> run.setFirstError(RunError.newBuilder()
                        .setComponent(failure.component())
                        .setCode(failure.code())
                        .setMessage(failure.message())
                        .setAt(WireTime.timestamp(failure.at()))));
        machine.pipeline().edges().forEach(edge -> run.addEdges(edge.name()));
        machine.pipeline().durableEdges().forEach(edge -> run.addDurableEdges(durableEdge(machine, edge)));
        machine.replicas().forEach(replica -> run.addComponents(component(machine, replica, now)));
        return run.build();
    }

    private static DurableEdge durableEdge(RunMachine machine, ResolvedPipeline.DurableEdge edge) {
        PartitionTotals partitions = machine.conservation().partitions();
        DurableEdge.Builder shown = DurableEdge.newBuilder()
                .setFrom(edge.from())
                .setTo(edge.to())
                .setStream(edge.stream())
                .setSink(edge.sink())
                .setSource(edge.source())
                .setTotals(partitions.settled(edge.source()::equals))
                .setAccepted(partitions.accepted(edge.source()::equals))
                .setInFlight(partitions.unsettled(edge.source()::equals));
        if (machine.readToItsEnd(edge.source())) {
            return shown.setWaiting(0).build();
        }
        partitions.waiting(edge.source()).ifPresent(shown::setWaiting);
        return shown.build();
    }

    private static void describe(RunMachine machine, Now now, Run.Builder run) {
        switch (machine.phase()) {
            case RunPhase.Starting _ -> {
                run.setState(RunState.RUN_STATE_STARTING);
                attention(machine, now).ifPresent(run::setReason);
            }
            case RunPhase.Running _ -> {
                Optional<String> paused = pausedByItself(machine);
                Optional<String> attention = attention(machine, now);
                run.setState(
                        paused.isPresent()
                                ? RunState.RUN_STATE_PAUSED
                                : attention.isPresent() ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING);
                paused.or(() -> attention).ifPresent(run::setReason);
            }
            case RunPhase.Paused paused ->
                run.setState(RunState.RUN_STATE_PAUSED).setReason(paused.reason());
            case RunPhase.Draining _ ->
                run.setState(RunState.RUN_STATE_DRAINING).setReason(machine.inFlight() + " events in flight");
            case RunPhase.Ending ending ->
                run.setState(RunState.RUN_STATE_DRAINING)
                        .setReason("components are being ended; " + reason(machine, ending.outcome()));
            case RunPhase.Ended ended ->
                run.setState(state(ended.outcome())).setReason(reason(machine, ended.outcome()));
        }
    }

    /** A source that emits nothing though nobody told it to: its error-rate breaker is open. */
    private static Optional<String> pausedByItself(RunMachine machine) {
        return machine.replicas().stream()
                .filter(replica -> !replica.paused().isEmpty() && !replica.resuming)
                .findFirst()
                .map(replica -> "source \"" + replica.id().component() + "\": " + replica.paused()
                        + "; \"fisoctl pipelines resume " + machine.pipeline().name() + "\" lets it go on");
    }

    /** The first component that needs attention, and why. */
    private static Optional<String> attention(RunMachine machine, Now now) {
        for (Replica replica : machine.replicas()) {
            boolean well = replica.health(now) == Health.HEALTH_HEALTHY || replica.state instanceof ReplicaState.Gone;
            String reason = replica.reason(now);
            if (!reason.isEmpty() && (!well || replica.state instanceof ReplicaState.Up)) {
                return Optional.of("component \"" + replica.id().component() + "\": " + reason);
            }
        }
        return Optional.empty();
    }

    private static RunState state(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed _ -> RunState.RUN_STATE_COMPLETED;
            case Outcome.Stopped _ -> RunState.RUN_STATE_STOPPED;
            case Outcome.Failed _ -> RunState.RUN_STATE_FAILED;
        };
    }

    private static String reason(RunMachine machine, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed _ -> "every source ended and every event is settled";
            case Outcome.Stopped(long uncommitted, boolean killed) ->
                (killed ? "killed on request" : "stopped on request")
                        + (uncommitted == 0
                                ? (killed ? "" : "; nothing is left to replay")
                                : "; " + uncommitted + " events are uncommitted, and the next run reads them again")
                        + machine.pipeline().durableEdges().stream()
                                .map(edge ->
                                        "; what stands in the stream of " + edge.label() + " stays for the next run")
                                .collect(Collectors.joining());
            case Outcome.Failed(Failure failure) ->
                failure.component().isEmpty()
                        ? failure.message()
                        : "component \"" + failure.component() + "\": " + failure.message();
        };
    }

    static ComponentStatus component(RunMachine machine, Replica replica, Now now) {
        ComponentStatus.Builder status = ComponentStatus.newBuilder()
                .setComponent(replica.id().component())
                .setRun(machine.run())
                .setReplica(replica.id().index())
                .setGeneration(replica.generation)
                .setKind(kind(replica.component().kind()))
                .setType(replica.component().type().orElse(""))
                .setHealth(replica.health(now))
                .setReason(replica.reason(now))
                .setPhase(replica.phase())
                .setProgress(progress(machine, replica))
                .setRestarts(replica.restarts.total())
                .setPid(replica.launchedPid)
                .addAllLastStderr(replica.lastErrorLines)
                .addAllDownstream(downstream(machine, replica.id().component()));
        replica.registration().ifPresent(registration -> registered(status, registration));
        Optional.ofNullable(replica.lastSeen).ifPresent(at -> status.setLastSeen(WireTime.timestamp(at)));
        return status.build();
    }

    private static void registered(ComponentStatus.Builder status, Registration registration) {
        RegisterComponentRequest said = registration.said();
        status.setInstance(said.getInstance())
                .setAddress(said.getAddress())
                .setHttpAddress(said.getHttpAddress())
                .setRegisteredAt(WireTime.timestamp(registration.at()))
                .addAllInputTypes(said.getInputTypesList())
                .addAllOutputTypes(said.getOutputTypesList())
                .putAllMetadata(said.getMetadataMap());
        if (!said.getType().isEmpty()) {
            status.setType(said.getType());
        }
        if (said.getPid() != 0) {
            status.setPid(said.getPid());
        }
    }

    /** A source's partitions stay in sight while their holder is down, as it last told of them. */
    private static Progress progress(RunMachine machine, Replica replica) {
        if (!replica.isSource()) {
            return replica.progress();
        }
        return replica.progress().toBuilder()
                .clearPartitions()
                .addAllPartitions(machine.conservation().partitions().of(replica.id()))
                .build();
    }

    private static List<String> downstream(RunMachine machine, String component) {
        return machine.pipeline().edges().stream()
                .filter(edge -> edge.from().equals(component))
                .map(ResolvedPipeline.Edge::to)
                .distinct()
                .toList();
    }

    static ComponentKind kind(ResolvedComponent.Kind kind) {
        return switch (kind) {
            case SOURCE -> ComponentKind.COMPONENT_KIND_SOURCE;
            case PROCESSOR -> ComponentKind.COMPONENT_KIND_PROCESSOR;
            case SINK -> ComponentKind.COMPONENT_KIND_SINK;
            case SERVICE -> ComponentKind.COMPONENT_KIND_SERVICE;
        };
    }

    /** Whether a run in this state has ended. */
    static boolean isFinal(RunState state) {
        return switch (state) {
            case RUN_STATE_COMPLETED, RUN_STATE_STOPPED, RUN_STATE_FAILED -> true;
            case RUN_STATE_UNSPECIFIED,
                    RUN_STATE_STARTING,
                    RUN_STATE_RUNNING,
                    RUN_STATE_DEGRADED,
                    RUN_STATE_DRAINING,
                    RUN_STATE_PAUSED,
                    UNRECOGNIZED -> false;
        };
    }
}
