// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.DownstreamEdge;
import io.fiso.proto.control.v1.UpstreamEdge;
import io.fiso.proto.control.v1.UpstreamReplica;
import io.fiso.proto.control.v1.WatchWiringResponse;
import java.util.List;

/** Computes what a component has to know of its neighbours. */
final class Wiring {
    private Wiring() {}

    /** The full snapshot for one component, as of now. */
    static WatchWiringResponse snapshot(RunMachine machine, String component) {
        WatchWiringResponse.Builder wiring = WatchWiringResponse.newBuilder().setVersion(machine.wiringVersion());
        for (ResolvedPipeline.Edge edge : machine.pipeline().edges()) {
            if (edge.to().equals(component)) {
                wiring.addUpstreams(upstream(machine, edge));
            }
            if (edge.from().equals(component)) {
                wiring.addDownstreams(downstream(machine, edge));
            }
        }
        return wiring.build();
    }

    private static UpstreamEdge upstream(RunMachine machine, ResolvedPipeline.Edge edge) {
        UpstreamEdge.Builder upstream = UpstreamEdge.newBuilder()
                .setEdge(edge.name())
                .setFrom(edge.from())
                .setReplicaCount(machine.replicasOf(edge.from()).size());
        for (Replica replica : machine.replicasOf(edge.from())) {
            replica.reachable()
                    .ifPresent(registration -> upstream.addReplicas(UpstreamReplica.newBuilder()
                            .setReplica(replica.id().index())
                            .setAddress(registration.address())
                            .setGeneration(registration.generation())));
        }
        out(machine, edge.from()).forEach(upstream::addReplicasOut);
        return upstream.build();
    }

    private static DownstreamEdge downstream(RunMachine machine, ResolvedPipeline.Edge edge) {
        DownstreamEdge.Builder downstream = DownstreamEdge.newBuilder()
                .setEdge(edge.name())
                .setTo(edge.to())
                .setReplicas(machine.replicasOf(edge.to()).size())
                .addAllTypes(edge.types());
        machine.replicasOf(edge.to()).forEach(replica -> downstream.addMinGenerations(replica.generation));
        out(machine, edge.to()).forEach(downstream::addReplicasOut);
        return downstream.build();
    }

    private static List<Integer> out(RunMachine machine, String component) {
        return machine.replicasOf(component).stream()
                .filter(Replica::out)
                .map(replica -> replica.id().index())
                .toList();
    }
}
