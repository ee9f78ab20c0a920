// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.nullsink;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.testkit.SinkRecoveryContract;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

class NullSinkContractTest extends SinkRecoveryContract {
    private final List<String> delivered = new CopyOnWriteArrayList<>();

    /** The sink itself, with a look at what it was given. */
    @Override
    protected Object sink() {
        NullSink sink = new NullSink();
        return new BatchEventSink() {
            @Override
            public void open(ComponentContext context) {
                sink.open(context);
            }

            @Override
            public void deliver(List<CloudEvent> events, Outcome outcome) {
                sink.deliver(events, outcome);
                delivered.addAll(events.stream().map(CloudEvent::getId).toList());
            }
        };
    }

    @Override
    protected String config() {
        return "{}";
    }

    @Override
    protected List<String> delivered() {
        return delivered;
    }
}
