// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one partition in one view, up to its durable end. */
final class PartitionReader {
    private final View view;
    private final PartitionId partition;
    private final long end;
    private final long earliest;

    PartitionReader(View view, PartitionId partition, long end) {
        this.view = view;
        this.partition = partition;
        this.end = end;
        Segment first = Segment.first(view, partition);
        if (first == null && end > 0) {
            throw Tail.gone();
        }
        this.earliest = first == null ? 0 : first.first();
    }

    long earliest() {
        return earliest;
    }

    long end() {
        return end;
    }

    /**
     * The offset of a place; an offset that is no longer kept is answered as it is.
     *
     * @throws BrokerException if it lies past the end, or is no place
     */
    long resolve(Start start) {
        return switch (start) {
            case Start.At(long offset) -> {
                if (offset < 0) {
                    throw new BrokerException(
                            Kind.INVALID, "broker.offset_invalid", "offset is " + offset + "; it can be 0 or more");
                }
                if (offset > end) {
                    throw new BrokerException(
                            Kind.OUT_OF_RANGE,
                            "broker.offset_past_end",
                            "offset " + offset + " of partition " + partition.number() + " is past its end, which is "
                                    + end);
                }
                yield offset;
            }
            case Start.Earliest() -> Math.min(earliest, end);
            case Start.Latest() -> end;
            case Start.Since(long timestamp) -> since(timestamp);
            case Start.Last(int records) -> {
                if (records < 1) {
                    throw new BrokerException(
                            Kind.INVALID, "broker.last_invalid", "last is " + records + "; it can be 1 or more");
                }
                yield Math.max(earliest, end - records);
            }
        };
    }

    /**
     * Records from an offset on.
     *
     * @param bytesMax at least one record comes, however large
     * @throws BrokerException if the offset is no longer kept and that is not to be skipped
     */
    Slice read(long from, int recordsMax, long bytesMax, boolean skipMissing) {
        if (from < earliest && !skipMissing) {
            throw new BrokerException(
                    Kind.OUT_OF_RANGE,
                    "broker.offset_before_earliest",
                    "offset " + from + " of partition " + partition.number()
                            + " is no longer kept; the earliest that is, is " + earliest);
        }
        Collector collector = new Collector(Math.max(from, earliest), recordsMax, bytesMax);
        Segment segment = Segment.holding(view, partition, collector.next);
        while (segment != null && collector.wantsMore()) {
            read(segment, collector);
            segment = segment.next(view);
            if (segment != null && collector.wantsMore() && segment.first() != collector.next) {
                throw Block.damaged(
                        segment.table(), segment.first(), "the one at " + collector.next + " is missing", null);
            }
        }
        return new Slice(List.copyOf(collector.records), collector.next, earliest, end, Math.max(0, earliest - from));
    }

    private void read(Segment segment, Collector collector) {
        Entry first = view.floor(segment.table(), Tables.offsetKey(collector.next));
        if (first == null) {
            return;
        }
        collector.take(Block.parse(segment.table(), first));
        if (collector.wantsMore()) {
            view.scan(segment.table(), Tables.offsetKey(collector.next), entry -> {
                collector.take(Block.parse(segment.table(), entry));
                return collector.wantsMore();
            });
        }
    }

    /** What has been read so far. */
    private final class Collector {
        private final List<KeptRecord> records = new ArrayList<>();
        private final int recordsMax;
        private final long bytesMax;
        private long next;
        private long bytes;
        private boolean full;

        Collector(long next, int recordsMax, long bytesMax) {
            this.next = next;
            this.recordsMax = recordsMax;
            this.bytesMax = bytesMax;
        }

        boolean wantsMore() {
            return !full && records.size() < recordsMax && next < end;
        }

        void take(Block block) {
            if (block.first() > next) {
                throw Block.damaged(block.table(), block.first(), "the one at " + next + " is missing", null);
            }
            block.visit(next, record -> {
                if (!records.isEmpty() && bytes + record.bytes() > bytesMax) {
                    full = true;
                    return false;
                }
                records.add(record);
                bytes += record.bytes();
                next = record.offset() + 1;
                return wantsMore();
            });
        }
    }

    private long since(long timestamp) {
        for (Segment segment : Segment.all(view, partition)) {
            Block found = firstReaching(segment, timestamp);
            if (found != null) {
                long[] offset = {end};
                found.visit(found.first(), record -> {
                    if (record.timestampMillis() < timestamp) {
                        return true;
                    }
                    offset[0] = record.offset();
                    return false;
                });
                return Math.min(offset[0], end);
            }
        }
        return end;
    }

    /** The first block up to which a segment has such a timestamp. The maximum never falls within a segment, so it is found by halving. */
    private @Nullable Block firstReaching(Segment segment, long timestamp) {
        if (segment.sealed().isPresent() && segment.sealed().get().timestampMaxMillis() < timestamp) {
            return null;
        }
        long low = segment.first();
        long high = segment.sealed().map(Segment.Sealed::endOffset).orElse(end) - 1;
        Block found = null;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            Entry entry = view.floor(segment.table(), Tables.offsetKey(middle));
            if (entry == null) {
                return found;
            }
            Block block = Block.parse(segment.table(), entry);
            if (block.end().timestampMaxMillis() >= timestamp) {
                found = block;
                high = block.first() - 1;
            } else {
                low = block.endOffset();
            }
        }
        return found;
    }
}
