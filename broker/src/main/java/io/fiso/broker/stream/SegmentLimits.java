// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.catalogue.Settings.Retention;
import java.time.Duration;

/**
 * When a segment is full. With retention it is at most an eighth of what is kept, so that about that much more is there than was promised.
 *
 * @param ageMillis how long it is written to
 */
record SegmentLimits(long bytes, long records, int blocks, long ageMillis) {
    /** What is dropped is dropped at once, but a table that grows large is slow to write to. */
    private static final int BLOCKS_MAX = 4_096;

    private static final long BYTES_MAX = 32L * 1024 * 1024;
    private static final long BYTES_MIN = 64L * 1024;
    private static final long RECORDS_MIN = 64;
    private static final long AGE_MAX_MILLIS = Duration.ofDays(1).toMillis();
    private static final long AGE_MIN_MILLIS = Duration.ofSeconds(1).toMillis();
    private static final int PARTS = 8;

    static SegmentLimits of(Retention retention) {
        return new SegmentLimits(
                Math.clamp(retention.partitionBytesMax().orElse(Long.MAX_VALUE) / PARTS, BYTES_MIN, BYTES_MAX),
                Math.max(retention.partitionRecordsMax().orElse(Long.MAX_VALUE) / PARTS, RECORDS_MIN),
                BLOCKS_MAX,
                Math.clamp(
                        retention.ageMax().map(SegmentLimits::millis).orElse(Long.MAX_VALUE) / PARTS,
                        AGE_MIN_MILLIS,
                        AGE_MAX_MILLIS));
    }

    /** A duration that may be too long to count. */
    static long millis(Duration duration) {
        return duration.compareTo(Duration.ofMillis(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : duration.toMillis();
    }

    /** Whether more must go to a new segment. */
    boolean full(LogEnd end, int moreRecords, long moreBytes, long nowMillis) {
        return end.records() > 0
                && (end.records() + moreRecords > records
                        || end.sums().bytes() + moreBytes > bytes
                        || end.sums().blocks() >= blocks
                        || old(end, nowMillis));
    }

    boolean old(LogEnd end, long nowMillis) {
        return end.records() > 0 && nowMillis - end.segment().createMillis() >= ageMillis;
    }
}
