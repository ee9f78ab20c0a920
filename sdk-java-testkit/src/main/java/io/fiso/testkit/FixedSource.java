// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import java.util.List;

/** Emits these events under one order key, and ends. */
public final class FixedSource implements EventSource {
    private final List<CloudEvent> events;

    public FixedSource(List<CloudEvent> events) {
        this.events = List.copyOf(events);
    }

    @Override
    public void run(SourceContext context) throws InterruptedException {
        long position = 0;
        for (CloudEvent event : events) {
            context.emit(SourceEvent.of(event, "fixed", position++, new byte[] {'k'}, null));
        }
    }
}
