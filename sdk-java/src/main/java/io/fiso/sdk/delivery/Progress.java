// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;
import java.util.Map;

/**
 * How far a component has come: what {@code fiso.stream.v1.Progress} carries, as far as the core knows it. {@code failedAttempts} and {@code
 * gaveUp} (events by error code) count only what failed in this component; {@code settled} counts failures further down as well. {@code
 * injected} counts dead letters that were given in here again, which stand in no other count.
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
        Map<String, Long> gaveUp,
        FateCounts injected,
        String paused) {
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

    /**
     * One partition of a source, over all instances of the source in this run.
     *
     * @param partition its name
     * @param position the next position to emit; -1 before the first
     * @param committed everything before it is settled and committed; -1 if nothing was committed by this instance
     * @param heldBy the order key of its oldest unsettled event; empty if none waits
     * @param accepted how many events were taken from it: always the sum of {@code settled} and {@code unsettled}
     * @param settled what became of those that are settled
     * @param unsettled how many are not
     * @param committedSettled what became of everything before {@code committed}: no crash changes it any more
     */
    public record Partition(
            String partition,
            long position,
            long committed,
            String heldBy,
            long accepted,
            FateCounts settled,
            long unsettled,
            FateCounts committedSettled) {}
}
