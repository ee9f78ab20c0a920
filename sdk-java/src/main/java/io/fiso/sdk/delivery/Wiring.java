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
 * @param inputs how many emitters each edge has that ends here; one that is not named has one
 */
public record Wiring(long version, List<Upstream> upstreams, List<Downstream> downstreams, List<Input> inputs) {
    public Wiring {
        upstreams = List.copyOf(upstreams);
        downstreams = List.copyOf(downstreams);
        inputs = List.copyOf(inputs);
    }

    /** A wiring in which every input has one emitter. */
    public Wiring(long version, List<Upstream> upstreams, List<Downstream> downstreams) {
        this(version, upstreams, downstreams, List.of());
    }

    /**
     * One edge that ends here. It has ended when every replica of its emitter has said so, except those that are out.
     *
     * @param edge its name
     * @param replicas how many replicas of the emitter there are in all
     * @param out those that are out: dead for sure, and what they had is with the others
     */
    public record Input(String edge, int replicas, List<Integer> out) {
        public Input {
            out = List.copyOf(out);
        }
    }

    /** One emitter: edge, component that emits there, replica index, {@code host:port} and generation. */
    public record Upstream(String edge, String from, int replica, String address, long generation) {}

    /**
     * One edge that starts here.
     *
     * @param edge its name
     * @param to the receiving component
     * @param replicas how many replicas receive; order keys are placed over them
     * @param types exact event types, or prefixes that end in {@code *}; empty means all
     * @param minGenerations the lowest generation of each replica that may subscribe
     * @param out the replicas that are out: dead for sure, so that their keys go to the others until they are in again; while all are out,
     *     keys stay and wait
     */
    public record Downstream(
            String edge, String to, int replicas, List<String> types, List<Long> minGenerations, List<Integer> out) {
        public Downstream {
            types = List.copyOf(types);
            minGenerations = List.copyOf(minGenerations);
            out = List.copyOf(out);
        }

        /** An edge with all its replicas. */
        public Downstream(String edge, String to, int replicas, List<String> types, List<Long> minGenerations) {
            this(edge, to, replicas, types, minGenerations, List.of());
        }
    }
}
