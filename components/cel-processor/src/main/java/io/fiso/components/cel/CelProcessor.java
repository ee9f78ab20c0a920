// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.OutputSchema;
import io.fiso.transform.Transform;
import io.fiso.transform.TransformException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Replaces an event's data by what the expressions make of it; its attributes stay. */
public final class CelProcessor implements EventProcessor {
    private static final String JSON = "application/json";

    private @Nullable Transform transform;
    private @Nullable OutputSchema schema;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new CelProcessor(), args);
    }

    @Override
    public void open(ComponentContext context) {
        CelProcessorConfig config = context.config(CelProcessorConfig.class);
        try {
            transform = Transform.compile(config.expressions(), config.limits());
        } catch (InvalidExpressionException e) {
            throw new ConfigException(
                    e.problems().stream().map(problem -> "fields: " + problem).toList());
        }
        try {
            schema = config.validate() == null ? null : OutputSchema.compile(config.validate());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("validate: " + e.getMessage()));
        }
    }

    @Override
    public void process(CloudEvent event, Emitter out) throws DeliveryException {
        WireEvent input = WireEvent.from(event);
        byte[] output;
        try {
            output = Objects.requireNonNull(transform, "process before open").apply(new WireEventView(input));
            if (schema != null) {
                schema.check(output);
            }
        } catch (TransformException e) {
            throw DeliveryException.permanent(e.code(), String.valueOf(e.getMessage()));
        }
        WireEvent changed = input.withData(output);
        out.emit(JSON.equals(input.getDataContentType()) ? changed : changed.with("datacontenttype", JSON));
    }
}
