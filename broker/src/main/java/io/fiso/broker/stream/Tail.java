// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Change;
import java.util.ArrayList;
import java.util.List;

/** The end of one partition during one commit. All that is appended in it becomes one block, or as few as their bound allows. */
final class Tail implements Change.Shared {
    private final PartitionId partition;
    private final Change change;
    private final SegmentLimits limits;
    private final LiveStream stream;
    private final LiveEnd live;
    private final List<EncodedRecord> pending = new ArrayList<>();
    private long pendingBytes;
    private long pendingMillis;
    private LogEnd written;
    private boolean removed;

    Tail(PartitionId partition, Change change, SegmentLimits limits, LiveStream stream) {
        this.partition = partition;
        this.change = change;
        this.limits = limits;
        this.stream = stream;
        this.live = stream.end(change, partition);
        this.written = isTrue(live.end()) ? live.end() : LogEnd.of(change, partition);
    }

    /** What is known is true unless a commit that was said to have failed took place after all. Then what is on disk counts. */
    private boolean isTrue(LogEnd known) {
        Segment last = Segment.last(change, partition);
        return (last == null
                        ? known.endOffset() == 0
                        : last.first() == known.segment().first())
                && change.get(known.segment().table(), Tables.offsetKey(known.endOffset())) == null;
    }

    /** @throws BrokerException if the stream is gone */
    void requireThere() {
        if (removed || stream.removed()) {
            throw gone();
        }
    }

    static BrokerException gone() {
        return new BrokerException(Kind.NOT_FOUND, "broker.resource_not_found", "the stream has been removed");
    }

    /** The next record's offset. */
    long endOffset() {
        return written.endOffset() + pending.size();
    }

    LogEnd written() {
        return written;
    }

    /** The first record's offset; the others follow. */
    long append(List<EncodedRecord> records, long nowMillis) {
        requireThere();
        long first = endOffset();
        pendingMillis = Math.max(nowMillis, written.sums().appendMillis());
        for (EncodedRecord record : records) {
            if (pendingBytes + record.bytes().length > Block.BYTES_MAX || pending.size() >= limits.records()) {
                flush();
            }
            pending.add(record);
            pendingBytes += record.bytes().length;
        }
        return first;
    }

    /** Puts what is pending into its table. Whoever reads a partition in the middle of a commit calls this first. */
    void flush() {
        if (pending.isEmpty()) {
            return;
        }
        if (limits.full(written, pending.size(), pendingBytes, pendingMillis)) {
            roll(pendingMillis);
        }
        if (written.records() == 0) {
            Segment begun = Segment.open(partition, written.endOffset(), pendingMillis);
            begun.put(change);
            written = new LogEnd(begun, written.endOffset(), LogEnd.Sums.none(pendingMillis));
        }
        long timestampMax = written.sums().timestampMaxMillis();
        for (EncodedRecord record : pending) {
            timestampMax = Math.max(timestampMax, record.timestampMillis());
        }
        LogEnd.Sums sums = new LogEnd.Sums(
                written.sums().blocks() + 1, written.sums().bytes() + pendingBytes, timestampMax, pendingMillis);
        change.put(written.segment().table(), Tables.offsetKey(written.endOffset()), Block.encode(pending, sums));
        written = new LogEnd(written.segment(), endOffset(), sums);
        pending.clear();
        pendingBytes = 0;
    }

    /** Ends the segment, if it has anything, so that it may be dropped when its time has come. */
    void rollIfOld(long nowMillis) {
        flush();
        if (limits.old(written, nowMillis)) {
            roll(nowMillis);
        }
    }

    private void roll(long nowMillis) {
        written.segment().sealed(written).put(change);
        // The new one is put down at once: it is what keeps the end when all before it is dropped.
        Segment begun = Segment.open(partition, written.endOffset(), nowMillis);
        begun.put(change);
        written = new LogEnd(
                begun, written.endOffset(), LogEnd.Sums.none(written.sums().appendMillis()));
    }

    /** Takes the partition away with all that is in it. */
    void remove() {
        pending.clear();
        pendingBytes = 0;
        Segment.all(change, partition).forEach(segment -> segment.drop(change));
        removed = true;
    }

    @Override
    public void write(Change last) {
        flush();
    }

    @Override
    public void committed() {
        if (removed) {
            stream.remove();
        } else if (!written.equals(live.end())) {
            live.moved(written);
        }
    }
}
