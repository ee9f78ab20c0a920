// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.nullsink;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.FisoComponent;
import java.util.List;

/** Takes every event. The framework counts them; there is nothing left to do. */
public final class NullSink implements BatchEventSink {
    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new NullSink(), args);
    }

    @Override
    public void open(ComponentContext context) {
        context.config(NoConfig.class);
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) {
        // Returning is the delivery.
    }

    /** There is nothing to configure; any key is refused. */
    record NoConfig() {}
}
