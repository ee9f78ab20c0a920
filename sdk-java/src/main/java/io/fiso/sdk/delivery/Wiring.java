// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;

/**
 * A full picture of a component's neighbours.
 *
 * @param version only a newer one is applied
 * @param upstreams every emitter to dial; one that is down is missing, and is remembered
 * @param downstreams every edge that starts here
 */
public record Wiring(long version, List<Upstream> upstreams, List<Downstream> downstreams) {
    public Wiring {
        upstreams = List.copyOf(upstreams);
        downstreams = List.copyOf(downstreams);
    }

    /** One emitter: edge, replica index, {@code host:port} and generation. */
    public record Upstream(String edge, int replica, String address, long generation) {}

    /**
     * One edge that starts here.
     *
     * @param edge its name
     * @param to the receiving component
     * @param replicas how many replicas receive; order keys are placed over them
     * @param types exact event types, or prefixes that end in {@code *}; empty means all
     * @param minGenerations the lowest generation of each replica that may subscribe
     */
    public record Downstream(String edge, String to, int replicas, List<String> types, List<Long> minGenerations) {
        public Downstream {
            types = List.copyOf(types);
            minGenerations = List.copyOf(minGenerations);
        }
    }
}
