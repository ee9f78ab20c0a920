// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.DeregisterComponentRequest;
import io.fiso.proto.control.v1.DeregisterComponentResponse;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.FindBrokerResponse;
import io.fiso.proto.control.v1.GetComponentStatusRequest;
import io.fiso.proto.control.v1.GetComponentStatusResponse;
import io.fiso.proto.control.v1.GetComponentsRequest;
import io.fiso.proto.control.v1.GetComponentsResponse;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.HeartbeatResponse;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.WatchWiringRequest;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The registry on the wire. */
final class RegistryService extends ComponentRegistryGrpc.ComponentRegistryImplBase {
    private static final int PROTOCOL_VERSION = 1;

    private final Runs runs;
    private final Timing timing;
    private final BrokerSearch brokers;

    RegistryService(Runs runs, Timing timing, BrokerSearch brokers) {
        this.runs = runs;
        this.timing = timing;
        this.brokers = brokers;
    }

    @Override
    public void registerComponent(
            RegisterComponentRequest request, StreamObserver<RegisterComponentResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            require(request.getComponent(), "component");
            require(request.getRun(), "run");
            require(request.getInstance(), "instance");
            require(request.getAddress(), "address");
            return runs.decide(
                    request.getRun(),
                    decision -> grant(
                            decision.machine().register(request, decision.now()),
                            decision.machine().phase()));
        });
    }

    private RegisterComponentResponse grant(Replica replica, RunPhase phase) {
        String paused = replica.isSource() && phase instanceof RunPhase.Paused held ? held.reason() : "";
        return RegisterComponentResponse.newBuilder()
                .setGeneration(replica.generation)
                .setReplica(replica.id().index())
                .setProtocolVersion(PROTOCOL_VERSION)
                .setHeartbeatInterval(WireTime.duration(timing.heartbeat()))
                .setOrphanGrace(WireTime.duration(timing.orphanGrace()))
                .setPaused(paused)
                .build();
    }

    private static void require(String value, String field) {
        if (value.isBlank()) {
            throw new ControlPlaneException(
                    Kind.INVALID, "request.missing_field", "the field \"" + field + "\" must be set");
        }
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> runs.decide(runOf(request.getComponent(), request.getInstance()), decision -> {
                    decision.machine()
                            .heartbeat(
                                    request.getComponent(),
                                    request.getInstance(),
                                    request.getGeneration(),
                                    request.getWiringVersion(),
                                    decision.now());
                    return HeartbeatResponse.newBuilder()
                            .setWiringVersion(decision.machine().wiringVersion())
                            .build();
                }));
    }

    @Override
    public void deregisterComponent(
            DeregisterComponentRequest request, StreamObserver<DeregisterComponentResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> runs.decide(runOf(request.getComponent(), request.getInstance()), decision -> {
                    decision.machine()
                            .deregister(
                                    request.getComponent(),
                                    request.getInstance(),
                                    request.getGeneration(),
                                    request.getReason(),
                                    request.hasProgress() ? Optional.of(request.getProgress()) : Optional.empty(),
                                    decision.now());
                    return DeregisterComponentResponse.getDefaultInstance();
                }));
    }

    @Override
    public void watchWiring(WatchWiringRequest request, StreamObserver<WatchWiringResponse> observer) {
        ServerCallStreamObserver<WatchWiringResponse> stream = (ServerCallStreamObserver<WatchWiringResponse>) observer;
        WiringWatch watch = new WiringWatch(request.getComponent(), request.getInstance(), stream);
        stream.setOnReadyHandler(() -> runs.tell(watch::flush));
        stream.setOnCancelHandler(() -> {});
        try {
            runs.decide(runOf(request.getComponent(), request.getInstance()), decision -> {
                decision.machine().holder(request.getComponent(), request.getInstance(), request.getGeneration());
                decision.execution().watchWiring(watch);
                return true;
            });
        } catch (RuntimeException e) {
            observer.onError(GrpcErrors.toStatus(e));
        }
    }

    @Override
    public void findBroker(FindBrokerRequest request, StreamObserver<FindBrokerResponse> observer) {
        // Who does not wait any more is told nothing; without this, telling them would be an error.
        ((ServerCallStreamObserver<FindBrokerResponse>) observer).setOnCancelHandler(() -> {});
        try {
            String driver = runs.decide(runOf(request.getComponent(), request.getInstance()), decision -> {
                decision.machine().holder(request.getComponent(), request.getInstance(), request.getGeneration());
                return decision.machine().pipeline().driver();
            });
            brokers.requireFor(driver);
        } catch (RuntimeException e) {
            observer.onError(GrpcErrors.toStatus(e));
            return;
        }
        var _ = brokers.find().whenComplete((found, failure) -> {
            if (failure == null) {
                GrpcErrors.answer(observer, () -> answer(found));
            } else {
                observer.onError(GrpcErrors.toStatus(
                        failure instanceof RuntimeException known ? known : new IllegalStateException(failure)));
            }
        });
    }

    private static FindBrokerResponse answer(BrokerAddress found) {
        return FindBrokerResponse.newBuilder()
                .setHost(found.host())
                .setPort(found.port())
                .setToken(found.token())
                .build();
    }

    /** The live run in which this instance is, or was, registered. */
    private String runOf(String component, String instance) {
        return runs.look(live -> live.stream()
                .map(RunExecution::machine)
                .filter(machine -> machine.knows(component, instance))
                .map(RunMachine::run)
                .findFirst()
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.NOT_FOUND,
                        "component.not_registered",
                        "instance " + instance + " of component \"" + component
                                + "\" is not registered; register again")));
    }

    @Override
    public void getComponents(GetComponentsRequest request, StreamObserver<GetComponentsResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> GetComponentsResponse.newBuilder()
                        .addAllComponents(components()
                                .filter(status -> matches(status, request))
                                .sorted(Comparator.comparing(ComponentStatus::getRun)
                                        .thenComparing(ComponentStatus::getComponent)
                                        .thenComparing(ComponentStatus::getReplica))
                                .toList())
                        .build());
    }

    private Stream<ComponentStatus> components() {
        return runs
                .look(live -> live.stream()
                        .flatMap(execution -> execution.machine().replicas().stream()
                                .map(replica -> RunView.component(execution.machine(), replica, runs.now())))
                        .toList())
                .stream();
    }

    private static boolean matches(ComponentStatus status, GetComponentsRequest filter) {
        return (filter.getKind() == ComponentKind.COMPONENT_KIND_UNSPECIFIED || filter.getKind() == status.getKind())
                && (filter.getHealth() == Health.HEALTH_UNSPECIFIED || filter.getHealth() == status.getHealth())
                && (filter.getRun().isEmpty() || filter.getRun().equals(status.getRun()))
                && status.getMetadataMap()
                        .entrySet()
                        .containsAll(filter.getMetadataMap().entrySet())
                && (filter.getEventType().isEmpty()
                        || EventTypes.overlap(filter.getEventType(), status.getInputTypesList())
                        || EventTypes.overlap(filter.getEventType(), status.getOutputTypesList()));
    }

    @Override
    public void getComponentStatus(
            GetComponentStatusRequest request, StreamObserver<GetComponentStatusResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            require(request.getComponent(), "component");
            List<ComponentStatus> found = components()
                    .filter(status -> status.getComponent().equals(request.getComponent())
                            && status.getReplica() == request.getReplica()
                            && (request.getRun().isEmpty() || request.getRun().equals(status.getRun())))
                    .toList();
            if (found.isEmpty()) {
                throw new ControlPlaneException(
                        Kind.NOT_FOUND,
                        "component.unknown",
                        "no live run has a component \"" + request.getComponent() + "\" with a replica "
                                + request.getReplica());
            }
            if (found.size() > 1) {
                throw new ControlPlaneException(
                        Kind.INVALID,
                        "component.ambiguous",
                        "component \"" + request.getComponent() + "\" is in several runs ("
                                + String.join(
                                        ", ",
                                        found.stream()
                                                .map(ComponentStatus::getRun)
                                                .toList())
                                + "); say which");
            }
            return GetComponentStatusResponse.newBuilder()
                    .setStatus(found.getFirst())
                    .build();
        });
    }
}
