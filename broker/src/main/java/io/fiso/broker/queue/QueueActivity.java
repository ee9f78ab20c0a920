// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What has been done with jobs since the start, in all queues. Thread-safe. */
public final class QueueActivity {
    /** What is done with a job. */
    public enum Event {
        ENQUEUED,
        RESERVED,
        ACKED,
        NACKED,
        DEAD_LETTERED
    }

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    QueueActivity() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    /** How many jobs. */
    public long count(Event event) {
        return of(event).sum();
    }

    void add(Event event, long jobs) {
        of(event).add(jobs);
    }

    @SuppressWarnings("NullAway") // There is one for each.
    private LongAdder of(Event event) {
        return counts.get(event);
    }
}
