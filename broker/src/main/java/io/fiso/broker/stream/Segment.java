// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredSegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Blocks in a table of their own. The last of a partition is open: what is in it, its last block says.
 *
 * @param first its first record's offset
 * @param sealed what is known of it when nothing more comes; empty while it is open
 */
record Segment(PartitionId partition, long first, long createMillis, Optional<Sealed> sealed) {
    /** @param endOffset the one after its last record */
    record Sealed(long endOffset, long bytes, long timestampMaxMillis, long appendMillis) {}

    static Segment open(PartitionId partition, long first, long createMillis) {
        return new Segment(partition, first, createMillis, Optional.empty());
    }

    Segment sealed(LogEnd end) {
        return new Segment(
                partition,
                first,
                createMillis,
                Optional.of(new Sealed(
                        end.endOffset(),
                        end.sums().bytes(),
                        end.sums().timestampMaxMillis(),
                        end.sums().appendMillis())));
    }

    String table() {
        return Tables.blocks(partition, first);
    }

    static @Nullable Segment first(View view, PartitionId partition) {
        return of(
                partition, view.ceiling(Tables.segments(partition.stream()), Tables.segmentKey(partition.number(), 0)));
    }

    static @Nullable Segment last(View view, PartitionId partition) {
        return holding(view, partition, Long.MAX_VALUE);
    }

    /** The last that begins at or before an offset. */
    static @Nullable Segment holding(View view, PartitionId partition, long offset) {
        return of(
                partition,
                view.floor(Tables.segments(partition.stream()), Tables.segmentKey(partition.number(), offset)));
    }

    @Nullable
    Segment next(View view) {
        return of(
                partition,
                view.ceiling(Tables.segments(partition.stream()), Tables.segmentKey(partition.number(), first + 1)));
    }

    /** All of a partition, the oldest first. */
    static List<Segment> all(View view, PartitionId partition) {
        List<Segment> found = new ArrayList<>();
        view.scan(Tables.segments(partition.stream()), Tables.segmentKey(partition.number(), 0), entry -> {
            Segment segment = of(partition, entry);
            return segment != null && found.add(segment);
        });
        return found;
    }

    void put(Change change) {
        StoredSegment.Builder stored = StoredSegment.newBuilder().setCreateMillis(createMillis);
        sealed.ifPresent(sums -> stored.setEndOffset(sums.endOffset)
                .setBytes(sums.bytes)
                .setTimestampMaxMillis(sums.timestampMaxMillis)
                .setAppendMillis(sums.appendMillis));
        change.put(
                Tables.segments(partition.stream()),
                Tables.segmentKey(partition.number(), first),
                stored.build().toByteArray());
    }

    /** Takes it away with all that is in it. */
    void drop(Change change) {
        change.delete(Tables.segments(partition.stream()), Tables.segmentKey(partition.number(), first));
        change.drop(table());
    }

    /** Null if there is none, or it is another partition's. */
    private static @Nullable Segment of(PartitionId partition, @Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        ByteBuffer key = ByteBuffer.wrap(entry.key());
        if (key.getShort() != partition.number()) {
            return null;
        }
        long first = key.getLong();
        try {
            StoredSegment stored = StoredSegment.parseFrom(entry.value());
            return new Segment(
                    partition,
                    first,
                    stored.getCreateMillis(),
                    stored.hasEndOffset()
                            ? Optional.of(new Sealed(
                                    stored.getEndOffset(),
                                    stored.getBytes(),
                                    stored.getTimestampMaxMillis(),
                                    stored.getAppendMillis()))
                            : Optional.empty());
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(
                    Kind.INTERNAL,
                    "broker.store_damaged",
                    "what is kept of the segment at offset " + first + " of " + partition + " cannot be read: " + e,
                    e);
        }
    }
}
