// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.EdgeProgress;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.sdk.delivery.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The core's progress, and the process's, as the wire has it. */
final class ProgressMessages {
    private static final Path MEMORY = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4_096;

    private ProgressMessages() {}

    static io.fiso.proto.stream.v1.Progress of(Progress progress, Part part) {
        Map<String, Long> lags = part.lags();
        io.fiso.proto.stream.v1.Progress.Builder message = io.fiso.proto.stream.v1.Progress.newBuilder()
                .setEventsIn(progress.eventsIn())
                .setEventsOut(progress.eventsOut())
                .setSettled(StreamCodec.counts(progress.settled()))
                .setInFlight(progress.inFlight())
                .setRetries(progress.retries())
                .setDeadLetters(progress.deadLetters())
                .setBusyNanos(progress.busyNanos())
                .setBlockedNanos(progress.blockedNanos())
                .setStarvedNanos(progress.starvedNanos())
                .setWorkWaiting(progress.workWaiting())
                .setHolding(progress.holding().isEmpty() ? part.holding() : progress.holding())
                .setRedelivered(progress.redelivered())
                .setPaused(progress.paused())
                .setFinishing(part.finishing())
                .setDeduplicated(part.deduplicated())
                .setInjected(StreamCodec.counts(progress.injected()))
                .setResidentBytes(residentBytes())
                .setCpuNanos(cpuNanos());
        progress.inputs().forEach(edge -> message.addInputs(edge(edge)));
        progress.outputs().forEach(edge -> message.addOutputs(edge(edge)));
        Map<String, Progress.Partition> partitions = new LinkedHashMap<>();
        progress.partitions().forEach(partition -> partitions.put(partition.partition(), partition));
        // Where both are there, the picture is older than the release.
        partitions.putAll(part.takeReleased());
        partitions.values().forEach(partition -> message.addPartitions(partition(partition, lags)));
        return message.build();
    }

    private static PartitionProgress partition(Progress.Partition partition, Map<String, Long> lags) {
        return PartitionProgress.newBuilder()
                .setPartition(partition.partition())
                .setPosition(partition.position())
                .setCommitted(partition.committed())
                .setLag(lags.getOrDefault(partition.partition(), -1L))
                .setHeldBy(partition.heldBy())
                .setAccepted(partition.accepted())
                .setSettled(StreamCodec.counts(partition.settled()))
                .setUnsettled(partition.unsettled())
                .setCommittedSettled(StreamCodec.counts(partition.committedSettled()))
                .build();
    }

    private static EdgeProgress edge(Progress.Edge edge) {
        return EdgeProgress.newBuilder()
                .setEdge(edge.edge())
                .setReplica(edge.replica())
                .setEvents(edge.events())
                .setBytes(edge.bytes())
                .setUnsettled(edge.unsettled())
                .setSettled(StreamCodec.counts(edge.settled()))
                .setConnected(edge.connected())
                .setEnded(edge.ended())
                .setResent(edge.resent())
                .build();
    }

    private static long residentBytes() {
        try {
            return Long.parseLong(Files.readString(MEMORY).split(" ", 3)[1]) * PAGE_BYTES;
        } catch (IOException | RuntimeException e) {
            // Not on Linux.
            return 0;
        }
    }

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(java.time.Duration::toNanos)
                .orElse(0L);
    }
}
