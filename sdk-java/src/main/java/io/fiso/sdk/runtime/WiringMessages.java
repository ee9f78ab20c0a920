// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.DownstreamEdge;
import io.fiso.proto.control.v1.UpstreamEdge;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.sdk.delivery.Wiring;
import java.util.stream.Stream;

/** What the control plane says of a component's neighbours, as the core takes it. */
final class WiringMessages {
    private WiringMessages() {}

    static Wiring of(WatchWiringResponse message) {
        return new Wiring(
                message.getVersion(),
                message.getUpstreamsList().stream()
                        .flatMap(WiringMessages::upstreams)
                        .toList(),
                message.getDownstreamsList().stream()
                        .map(WiringMessages::downstream)
                        .toList(),
                message.getUpstreamsList().stream().map(WiringMessages::input).toList());
    }

    private static Stream<Wiring.Upstream> upstreams(UpstreamEdge edge) {
        return edge.getReplicasList().stream()
                .map(replica -> new Wiring.Upstream(
                        edge.getEdge(),
                        edge.getFrom(),
                        replica.getReplica(),
                        replica.getAddress(),
                        replica.getGeneration()));
    }

    private static Wiring.Input input(UpstreamEdge edge) {
        return new Wiring.Input(edge.getEdge(), Math.max(1, edge.getReplicaCount()), edge.getReplicasOutList());
    }

    private static Wiring.Downstream downstream(DownstreamEdge edge) {
        return new Wiring.Downstream(
                edge.getEdge(),
                edge.getTo(),
                edge.getReplicas(),
                edge.getTypesList(),
                edge.getMinGenerationsList(),
                edge.getReplicasOutList());
    }
}
