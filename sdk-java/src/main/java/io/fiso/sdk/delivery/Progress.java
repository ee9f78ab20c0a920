// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;
import java.util.Map;

/**
 * How far a component has come: what {@code fiso.stream.v1.Progress} carries, as far as the core knows it. {@code failedAttempts} and {@code
 * gaveUp} (events by error code) count only what failed in this component; {@code settled} counts failures further down as well.
 */
public record Progress(
        long eventsIn,
        long eventsOut,
        FateCounts settled,
        long inFlight,
        List<Edge> inputs,
        List<Edge> outputs,
        long retries,
        long deadLetters,
        long busyNanos,
        long blockedNanos,
        long starvedNanos,
        boolean workWaiting,
        String holding,
        List<Partition> partitions,
        long redelivered,
        long failedAttempts,
        Map<String, Long> gaveUp) {
    /** One edge, seen from one of its ends. */
    public record Edge(
            String edge,
            int replica,
            long events,
            long bytes,
            long unsettled,
            FateCounts settled,
            boolean connected,
            boolean ended,
            long resent) {}

    /** One partition of a source; positions are -1 before the first. */
    public record Partition(String partition, long position, long committed, String heldBy) {}
}
