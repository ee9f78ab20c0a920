// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.proto.control.v1.InjectRequest;
import io.fiso.proto.control.v1.InjectResponse;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Hands dead letters to a live replica of the source they came from. For any thread; a call blocks until its letter is settled. */
final class Injections {
    private static final long LIMIT_MINUTES = 10;

    private final Runs runs;

    Injections(Runs runs) {
        this.runs = runs;
    }

    /** Safe to repeat: whatever became of an unanswered one, the same event comes of it again, with the same id. */
    InjectResponse inject(InjectRequest request) {
        Run run = runs.get(request.getRun());
        ComponentClient source = runs.look(executions -> executions.stream()
                .filter(execution -> execution.machine().run().equals(run.getId())
                        && !execution.machine().ended())
                .findFirst()
                .map(execution -> source(execution, request))
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.ENVIRONMENT,
                        "run.not_active",
                        "run \"" + run.getId() + "\" of pipeline \"" + run.getPipeline()
                                + "\" has ended; dead letters are replayed through a pipeline that runs")));
        try {
            io.fiso.proto.stream.v1.InjectResponse answer = source.inject(
                    io.fiso.proto.stream.v1.InjectRequest.newBuilder()
                            .setOriginal(request.getOriginal())
                            .setTarget(request.getTarget())
                            .build(),
                    Deadline.after(LIMIT_MINUTES, TimeUnit.MINUTES));
            InjectResponse.Builder response = InjectResponse.newBuilder().setFate(answer.getFate());
            if (answer.hasFailure()) {
                response.setFailure(answer.getFailure());
            }
            return response.build();
        } catch (StatusRuntimeException e) {
            throw failure(request.getSource(), e);
        }
    }

    private static ComponentClient source(RunExecution execution, InjectRequest request) {
        RunMachine machine = execution.machine();
        for (String target : request.getTarget().split(",", -1)) {
            if (!target.isEmpty() && component(machine, target).isEmpty()) {
                throw new ControlPlaneException(
                        Kind.INVALID,
                        "inject.unknown_target",
                        "pipeline \"" + machine.pipeline().name() + "\" has no component \"" + target
                                + "\" any more; there are " + ids(machine));
            }
        }
        String source = request.getSource().isEmpty() ? onlySource(machine) : request.getSource();
        if (component(machine, source)
                .filter(component -> component.kind() == ResolvedComponent.Kind.SOURCE)
                .isEmpty()) {
            throw new ControlPlaneException(
                    Kind.INVALID,
                    "inject.unknown_source",
                    "pipeline \"" + machine.pipeline().name() + "\" has no source \"" + source + "\"; there are "
                            + ids(machine));
        }
        return machine.replicas().stream()
                .filter(replica -> replica.id().component().equals(source))
                .filter(Injections::takesRecords)
                .findFirst()
                .flatMap(replica -> execution.reach(replica.id()))
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.ENVIRONMENT,
                        "inject.source_down",
                        "no replica of source \"" + source
                                + "\" can take a record now; \"fisoctl status\" says why, try again when it runs"));
    }

    /** Letters of other writers may not say which source they came from. */
    private static String onlySource(RunMachine machine) {
        List<String> sources = machine.pipeline().components().stream()
                .filter(component -> component.kind() == ResolvedComponent.Kind.SOURCE)
                .map(ResolvedComponent::id)
                .toList();
        return sources.size() == 1 ? sources.getFirst() : "";
    }

    private static boolean takesRecords(Replica replica) {
        boolean works = replica.phase() == ComponentPhase.COMPONENT_PHASE_RUNNING
                || replica.phase() == ComponentPhase.COMPONENT_PHASE_DONE;
        return works
                && replica.state instanceof ReplicaState.Up
                && replica.reachable().isPresent();
    }

    private static Optional<ResolvedComponent> component(RunMachine machine, String id) {
        return machine.pipeline().components().stream()
                .filter(component -> component.id().equals(id))
                .findFirst();
    }

    private static List<String> ids(RunMachine machine) {
        return machine.pipeline().components().stream()
                .map(ResolvedComponent::id)
                .toList();
    }

    private static ControlPlaneException failure(String source, StatusRuntimeException cause) {
        String said = cause.getStatus().getDescription();
        return switch (cause.getStatus().getCode()) {
            case FAILED_PRECONDITION, INVALID_ARGUMENT ->
                new ControlPlaneException(
                        Kind.REFUSED,
                        "inject.refused",
                        said == null ? "source \"" + source + "\" refused the record" : said,
                        cause);
            default ->
                new ControlPlaneException(
                        Kind.ENVIRONMENT,
                        "inject.unanswered",
                        "source \"" + source + "\" did not answer ("
                                + (said == null ? cause.getStatus().getCode() : said)
                                + "); the letter stays, and can be replayed again",
                        cause);
        };
    }
}
