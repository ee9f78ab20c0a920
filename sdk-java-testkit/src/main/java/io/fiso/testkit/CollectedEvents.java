// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A sink that remembers which events came, in order, and how often. */
public final class CollectedEvents implements BatchEventSink {
    private final Map<String, Integer> times = new ConcurrentHashMap<>();
    private final List<String> ids = new ArrayList<>();

    /** How often each id came. */
    public Map<String, Integer> times() {
        return times;
    }

    /** The ids in the order of their coming. */
    public synchronized List<String> ids() {
        return List.copyOf(ids);
    }

    @Override
    public synchronized void deliver(List<CloudEvent> events, Outcome outcome) {
        for (CloudEvent event : events) {
            ids.add(event.getId());
            times.merge(event.getId(), 1, Integer::sum);
        }
    }
}
