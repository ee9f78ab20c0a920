// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds the lane of an order key without making an object per look-up. */
final class LaneTable {
    private @Nullable Lane[] buckets = new Lane[64];
    private int size;

    @Nullable
    Lane find(Task task) {
        int hash = OrderKeys.hash(task.keyBuffer, task.keyOffset, task.keyLength);
        Lane lane = buckets[hash & (buckets.length - 1)];
        while (lane != null
                && !(lane.hash == hash
                        && OrderKeys.equal(
                                lane.key, 0, lane.key.length, task.keyBuffer, task.keyOffset, task.keyLength))) {
            lane = lane.nextInBucket;
        }
        return lane;
    }

    Lane open(Task task) {
        if (size >= buckets.length) {
            rehash();
        }
        Lane lane = new Lane();
        lane.key = Arrays.copyOfRange(task.keyBuffer, task.keyOffset, task.keyOffset + task.keyLength);
        lane.hash = OrderKeys.hash(lane.key, 0, lane.key.length);
        link(lane);
        size++;
        return lane;
    }

    private void link(Lane lane) {
        int bucket = lane.hash & (buckets.length - 1);
        lane.nextInBucket = buckets[bucket];
        buckets[bucket] = lane;
    }

    private void rehash() {
        @Nullable Lane[] old = buckets;
        buckets = new Lane[old.length * 2];
        for (Lane first : old) {
            Lane lane = first;
            while (lane != null) {
                Lane following = lane.nextInBucket;
                link(lane);
                lane = following;
            }
        }
    }

    void close(Lane lane) {
        int bucket = lane.hash & (buckets.length - 1);
        Lane at = buckets[bucket];
        Lane before = null;
        while (at != null && at != lane) {
            before = at;
            at = at.nextInBucket;
        }
        if (at == null) {
            return;
        }
        if (before == null) {
            buckets[bucket] = lane.nextInBucket;
        } else {
            before.nextInBucket = lane.nextInBucket;
        }
        lane.nextInBucket = null;
        size--;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
