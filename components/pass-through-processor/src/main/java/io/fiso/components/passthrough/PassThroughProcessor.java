// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.passthrough;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.FisoComponent;

/** Emits each event as it came; its bytes are never decoded. */
public final class PassThroughProcessor implements EventProcessor {
    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new PassThroughProcessor(), args);
    }

    @Override
    public void open(ComponentContext context) {
        context.config(NoConfig.class);
    }

    @Override
    public void process(CloudEvent event, Emitter out) {
        out.emit(event);
    }

    /** There is nothing to configure; any key is refused. */
    record NoConfig() {}
}
