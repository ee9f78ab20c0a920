// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a core must know before it starts.
 *
 * @param run the run id
 * @param component the component id
 * @param replica the replica index
 * @param instance the instance id
 * @param generation the granted generation
 * @param inputs the edges that end here
 * @param outputs the edges that start here
 * @param limits the bounds
 * @param retry the retry policy
 * @param leadsTo for each output, the components that can be reached over it, its own end among them; an output that is not listed leads to its
 *     own end alone
 * @param onFailure what becomes of an event that this component gives up on
 */
public record DeliverySettings(
        String run,
        String component,
        int replica,
        String instance,
        long generation,
        List<String> inputs,
        List<String> outputs,
        Limits limits,
        RetryPolicy retry,
        Map<String, Set<String>> leadsTo,
        OnFailure onFailure) {
    public DeliverySettings {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        leadsTo = Map.copyOf(leadsTo);
    }

    /** Every output leads to its own end alone, and what is given up becomes a dead letter. */
    public DeliverySettings(
            String run,
            String component,
            int replica,
            String instance,
            long generation,
            List<String> inputs,
            List<String> outputs,
            Limits limits,
            RetryPolicy retry) {
        this(
                run,
                component,
                replica,
                instance,
                generation,
                inputs,
                outputs,
                limits,
                retry,
                Map.of(),
                OnFailure.DEAD_LETTER);
    }

    /** The components that can be reached over this output. */
    Set<String> reachableOver(String edge) {
        Set<String> listed = leadsTo.get(edge);
        return listed == null ? Set.of(edge.substring(edge.indexOf("->") + 2)) : listed;
    }

    /**
     * Bounds, each per edge and replica unless it says otherwise.
     *
     * @param windowEvents events received or emitted and not settled
     * @param windowBytes their bytes
     * @param maxEventBytes the largest event
     * @param maxSpan events of a source partition above its oldest unsettled one
     * @param maxBatchBytes bytes of one batch on an edge
     * @param maxEdgeSpan sequences of an edge above its oldest unsettled one
     */
    public record Limits(
            int windowEvents, long windowBytes, int maxEventBytes, int maxSpan, int maxBatchBytes, int maxEdgeSpan) {
        /** 4 096 events, 16 MiB, 1 MiB, 10 000, 256 KiB, 65 536. */
        public static final Limits DEFAULT = new Limits(4096, 16 << 20, 1 << 20, 10_000, 256 << 10, 65_536);

        public Limits {
            if (windowEvents < 1 || windowBytes < 1 || maxEventBytes < 1 || maxSpan < 1 || maxEdgeSpan < windowEvents) {
                throw new IllegalArgumentException(
                        "limits must be positive, and maxEdgeSpan at least windowEvents: windowEvents " + windowEvents
                                + ", windowBytes " + windowBytes + ", maxEventBytes " + maxEventBytes + ", maxSpan "
                                + maxSpan + ", maxEdgeSpan " + maxEdgeSpan);
            }
        }
    }
}
