// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.store.Entry;
import io.fiso.broker.store.View;

/**
 * Where a partition ends.
 *
 * @param segment the one that is written to
 * @param endOffset the next record's
 */
record LogEnd(Segment segment, long endOffset, Sums sums) {
    /**
     * What a segment has.
     *
     * @param timestampMaxMillis the greatest of its records
     * @param appendMillis when the broker took the last of them; of the segment before while it has none
     */
    record Sums(int blocks, long bytes, long timestampMaxMillis, long appendMillis) {
        static Sums none(long appendMillis) {
            return new Sums(0, 0, Long.MIN_VALUE, appendMillis);
        }
    }

    static LogEnd of(View view, PartitionId partition) {
        Segment segment = Segment.last(view, partition);
        if (segment == null) {
            return new LogEnd(Segment.open(partition, 0, 0), 0, Sums.none(0));
        }
        Entry last = view.last(segment.table());
        if (last == null) {
            return new LogEnd(segment, segment.first(), Sums.none(segment.createMillis()));
        }
        Block block = Block.parse(segment.table(), last);
        return new LogEnd(segment, block.endOffset(), block.end());
    }

    long records() {
        return endOffset - segment.first();
    }
}
