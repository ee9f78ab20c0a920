// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.Settings.Retention;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.View;
import java.util.List;
import java.util.OptionalLong;

/** Decides which segments of a partition go, and lets them go: the oldest first, never the one that is written to. */
final class Retainer {
    private final Partitions partitions;

    Retainer(Partitions partitions) {
        this.partitions = partitions;
    }

    /** Whether {@link #retain} would do anything, as far as can be told without writing. */
    boolean due(View view, Resource stream, int partition, long nowMillis) {
        SegmentLimits limits = SegmentLimits.of(stream.stream().retention());
        LogEnd end = partitions.end(view, stream, partition).end();
        return limits.old(end, nowMillis) || expired(view, stream, partition, end, nowMillis) > 0;
    }

    /** How many segments went. */
    int retain(Change change, Resource stream, int partition, long nowMillis) {
        Tail tail = partitions.tail(change, stream, partition);
        tail.requireThere();
        tail.rollIfOld(nowMillis);
        int expired = expired(change, stream, partition, tail.written(), nowMillis);
        Segment.all(change, Partitions.id(stream, partition)).stream()
                .limit(expired)
                .forEach(segment -> segment.drop(change));
        return expired;
    }

    /** How many of the oldest segments may go. */
    private static int expired(View view, Resource stream, int partition, LogEnd end, long nowMillis) {
        Retention retention = stream.stream().retention();
        if (retention.equals(Retention.FOREVER)) {
            return 0;
        }
        List<Segment> segments = Segment.all(view, Partitions.id(stream, partition));
        OptionalLong consumed =
                retention.untilConsumed() ? Committed.least(view, stream.id(), partition) : OptionalLong.empty();
        long ageMaxMillis = retention.ageMax().map(SegmentLimits::millis).orElse(Long.MAX_VALUE);
        long bytes = end.sums().bytes()
                + segments.stream()
                        .mapToLong(segment ->
                                segment.sealed().map(Segment.Sealed::bytes).orElse(0L))
                        .sum();
        int expired = 0;
        for (Segment segment : segments) {
            if (segment.sealed().isEmpty()) {
                break;
            }
            Segment.Sealed sums = segment.sealed().get();
            boolean held = retention.untilConsumed() && sums.endOffset() > consumed.orElse(0);
            boolean goes = nowMillis - sums.appendMillis() > ageMaxMillis
                    || bytes - sums.bytes() >= retention.partitionBytesMax().orElse(Long.MAX_VALUE)
                    || end.endOffset() - sums.endOffset()
                            >= retention.partitionRecordsMax().orElse(Long.MAX_VALUE)
                    || retention.untilConsumed();
            if (held || !goes) {
                break;
            }
            bytes -= sums.bytes();
            expired++;
        }
        return expired;
    }
}
