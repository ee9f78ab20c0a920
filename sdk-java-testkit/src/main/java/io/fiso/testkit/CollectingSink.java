// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is given, for tests to look at. */
public final class CollectingSink implements BatchEventSink {
    private final List<CloudEvent> events = new ArrayList<>();

    @Override
    public synchronized void deliver(List<CloudEvent> batch, Outcome outcome) {
        events.addAll(batch);
    }

    /** What has arrived so far, in order. */
    public synchronized List<CloudEvent> events() {
        return List.copyOf(events);
    }
}
