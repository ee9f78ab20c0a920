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
import io.fiso.sdk.event.WireEventBuilder;
import io.fiso.transform.EventTransform;
import io.fiso.transform.EventTransform.Output;
import io.fiso.transform.ExpressionProblem;
import io.fiso.transform.ExpressionSet;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.TransformException;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Does with an event what the expressions say: filters it, replaces its data and attributes, splits it. */
public final class CelProcessor implements EventProcessor {
    private static final String CONTENT_TYPE = "datacontenttype";

    private @Nullable EventTransform transform;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new CelProcessor(), args);
    }

    @Override
    public void open(ComponentContext context) {
        CelProcessorConfig config = context.config(CelProcessorConfig.class);
        EventTransform compiled = compile(config, context);
        measure(compiled.expressions(), context.metrics());
        transform = compiled;
    }

    private static EventTransform compile(CelProcessorConfig config, ComponentContext context) {
        try {
            return EventTransform.compile(config.rules(), config.limits(), context.clock(), config.outputSchema());
        } catch (InvalidExpressionException e) {
            throw new ConfigException(
                    e.problems().stream().map(ExpressionProblem::toString).toList());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("validate: " + e.getMessage()));
        }
    }

    private static void measure(ExpressionSet expressions, PrometheusRegistry registry) {
        int interpreted = expressions.interpreted().size();
        GaugeWithCallback.builder()
                .name("fiso_component_transform_interpreted_expressions")
                .help("Expressions that are not compiled, and so are slower")
                .callback(gauge -> gauge.call(interpreted))
                .register(registry);
        CounterWithCallback.builder()
                .name("fiso_component_transform_fallbacks_total")
                .help("Evaluations of compiled expressions that failed, or were left to the interpreter")
                .callback(counter -> counter.call(expressions.fallbacks()))
                .register(registry);
    }

    @Override
    public void process(CloudEvent event, Emitter out) throws DeliveryException {
        WireEvent input = WireEvent.from(event);
        List<Output> outputs;
        try {
            outputs = Objects.requireNonNull(transform, "process before open").apply(new WireEventView(input));
        } catch (TransformException e) {
            throw DeliveryException.permanent(e.code(), String.valueOf(e.getMessage()));
        }
        for (Output output : outputs) {
            out.emit(changed(input, output));
        }
    }

    private static WireEvent changed(WireEvent input, Output output) {
        Map<String, @Nullable Object> attributes = output.attributes();
        boolean same = attributes.isEmpty()
                || attributes.size() == 1
                        && attributes.get(CONTENT_TYPE) instanceof String type
                        && input.isText(CONTENT_TYPE, type);
        if (same) {
            return output.data() == null ? input : input.withData(output.data());
        }
        WireEventBuilder builder = input.toBuilder();
        attributes.forEach(builder::attribute);
        return (output.data() == null ? builder : builder.data(output.data())).build();
    }
}
