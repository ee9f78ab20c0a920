// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Status;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A run in virtual time, and how the tests speak of it. */
abstract class VirtualRun {
    static final ReplicaId SOURCE = new ReplicaId("orders", 0);
    static final ReplicaId PROCESSOR = new ReplicaId("normalize", 0);
    static final ReplicaId SINK = new ReplicaId("callback", 0);
    static final List<ReplicaId> ALL = List.of(SOURCE, PROCESSOR, SINK);

    long millis = 1_000_000;
    Instant wall = Instant.parse("2026-01-01T00:00:00Z");
    RunMachine machine = machine(Pipelines.linear("p"), 0);
    final List<Effect> effects = new ArrayList<>();
    final Map<ReplicaId, String> instances = new HashMap<>();
    int nextInstance;

    RunMachine machine(ResolvedPipeline pipeline, long lastGeneration) {
        return new RunMachine("r", pipeline, Timing.DEFAULT, lastGeneration, now());
    }

    Now now() {
        return new Now(millis, wall);
    }

    void tick() {
        machine.tick(now());
    }

    void later(Duration time) {
        millis += time.toMillis();
        wall = wall.plus(time);
        tick();
    }

    <E extends Effect> List<E> take(Class<E> type) {
        effects.addAll(machine.takeEffects());
        List<E> found =
                effects.stream().filter(type::isInstance).map(type::cast).toList();
        effects.removeIf(type::isInstance);
        return found;
    }

    List<ReplicaId> launched() {
        return take(Effect.Launch.class).stream().map(Effect.Launch::replica).toList();
    }

    List<ReplicaId> stopped() {
        return take(Effect.Stop.class).stream().map(Effect.Stop::replica).toList();
    }

    Run run() {
        return RunView.run(machine, now());
    }

    Health health(ReplicaId id) {
        return machine.replica(id).health(now());
    }

    static RegisterComponentRequest request(ReplicaId id, String instance, String address) {
        return RegisterComponentRequest.newBuilder()
                .setComponent(id.component())
                .setRun("r")
                .setInstance(instance)
                .setAddress(address)
                .build();
    }

    String instance(ReplicaId id) {
        return Objects.requireNonNull(instances.get(id), () -> id + " has not registered");
    }

    Replica register(ReplicaId id) {
        String instance = "instance-" + ++nextInstance;
        instances.put(id, instance);
        int launch = machine.replica(id).launches;
        machine.launched(id, launch, 1_000 + nextInstance);
        return machine.register(request(id, instance, id.component() + ":" + launch), now());
    }

    void up(ReplicaId id) {
        register(id);
        describe(id, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
    }

    void allUp() {
        tick();
        ALL.forEach(this::up);
        take(Effect.class);
    }

    /** A sign of life of both kinds. */
    void describe(ReplicaId id, ComponentPhase phase, Progress progress) {
        if (machine.replica(id).reachable().isPresent()) {
            heartbeat(id);
        }
        answer(id, phase, progress);
    }

    void heartbeat(ReplicaId id) {
        machine.heartbeat(id.component(), instance(id), machine.replica(id).generation, 0, now());
    }

    void answer(ReplicaId id, ComponentPhase phase, Progress progress) {
        String instance = instance(id);
        machine.described(
                id,
                instance,
                Optional.of(DescribeResponse.newBuilder()
                        .setComponent(id.component())
                        .setInstance(instance)
                        .setPhase(phase)
                        .setProgress(progress)
                        .build()),
                now());
    }

    /** Every registered component gives a sign of life. */
    void alive() {
        alive(SOURCE, Progress.getDefaultInstance());
    }

    void alive(ReplicaId one, Progress progress) {
        for (ReplicaId id : ALL) {
            describe(
                    id,
                    ComponentPhase.COMPONENT_PHASE_RUNNING,
                    id.equals(one) ? progress : Progress.getDefaultInstance());
        }
    }

    /** One component gives a sign of life of both kinds. */
    void alive(ReplicaId id) {
        describe(id, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
    }

    /** A source that drains with so much in flight, and two idle ones behind it. */
    void sighting(long inFlight) {
        describe(
                SOURCE,
                ComponentPhase.COMPONENT_PHASE_DRAINING,
                Progress.newBuilder().setInFlight(inFlight).build());
        describe(PROCESSOR, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
        describe(SINK, ComponentPhase.COMPONENT_PHASE_RUNNING, Progress.getDefaultInstance());
    }

    void crash(ReplicaId id) {
        end(id, Status.Ended.signal(9));
    }

    void end(ReplicaId id, Status.Ended end) {
        machine.ended(id, machine.replica(id).launches, end, List.of(), now());
    }
}
