// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** The lanes by order key. Nearly every event opens one and closes it again, so neither makes an object. */
final class LaneTable {
    private @Nullable Lane[] buckets = new Lane[128];
    private int size;
    private @Nullable Lane pool;

    /** @param hash of the task's key, by {@link OrderKeys#hash} */
    @Nullable
    Lane find(Task task, int hash) {
        Lane lane = buckets[hash & (buckets.length - 1)];
        while (lane != null && !(lane.hash == hash && lane.hasKeyOf(task))) {
            lane = lane.nextInBucket;
        }
        return lane;
    }

    /** Opens a lane for this task's key, which has none. */
    Lane open(Task task, int hash) {
        if (size * 2 >= buckets.length) {
            rehash();
        }
        Lane lane = pool;
        if (lane == null) {
            lane = new Lane();
        } else {
            pool = lane.nextInBucket;
        }
        lane.hash = hash;
        lane.keyOf(task);
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

    /** Forgets an empty lane. */
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
        size--;
        lane.keyBuffer = Records.NO_KEY;
        lane.keyLength = 0;
        lane.nextInBucket = pool;
        pool = lane;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
