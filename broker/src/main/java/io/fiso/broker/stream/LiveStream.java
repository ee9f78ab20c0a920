// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.store.View;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is known in memory of one stream. */
final class LiveStream {
    /** One that is not there any more. */
    static final LiveStream GONE = gone();

    private final Map<Integer, LiveEnd> ends = new ConcurrentHashMap<>();
    private volatile boolean removed;

    /**
     * A partition's end. Of a view it must have been taken before this is asked: then all that it shows was written after the end was noted here, or
     * is durable.
     */
    LiveEnd end(View view, PartitionId partition) {
        LiveEnd known = ends.get(partition.number());
        if (known != null) {
            return known;
        }
        LiveEnd made = new LiveEnd(LogEnd.of(view, partition));
        if (removed) {
            return made;
        }
        LiveEnd first = ends.putIfAbsent(partition.number(), made);
        return first == null ? made : first;
    }

    private static LiveStream gone() {
        LiveStream gone = new LiveStream();
        gone.removed = true;
        return gone;
    }

    boolean removed() {
        return removed;
    }

    void remove() {
        removed = true;
        ends.values().forEach(LiveEnd::wake);
    }
}
