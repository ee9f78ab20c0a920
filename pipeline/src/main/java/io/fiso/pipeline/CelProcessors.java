// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.transform.EventRules;
import io.fiso.transform.EventTransform;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.Limits;
import io.fiso.transform.OutputSchema;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a pipeline's cel-processors do, for those who ask without running it. */
public final class CelProcessors {
    private static final String TYPE = "cel-processor";

    private CelProcessors() {}

    public static boolean isOne(ResolvedComponent component) {
        return component.type().filter(TYPE::equals).isPresent();
    }

    /**
     * The transform that the component would make events go through; empty if it is no cel-processor.
     *
     * @throws InvalidExpressionException if the config has mistakes, which validation would have found
     */
    public static Optional<EventTransform> transform(ResolvedComponent component, InstantSource clock)
            throws InvalidExpressionException {
        if (!isOne(component)) {
            return Optional.empty();
        }
        var config = JsonView.MAPPER.readTree(component.runtimeConfig()).path("config");
        return Optional.of(
                EventTransform.compile(EventRules.of(members(config)), limits(config), clock, schema(config)));
    }

    // Jackson makes a map of an object, with names for keys.
    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(JsonNode object) {
        return JsonView.MAPPER.convertValue(object, Map.class);
    }

    private static Limits limits(JsonNode config) {
        var limits = Limits.DEFAULT;
        if (config.has("timeout")) {
            limits = limits.withTimeout(Quantity.duration(config.get("timeout").asString()));
        }
        return config.has("maxOutputBytes")
                ? limits.withMaxOutputBytes(config.get("maxOutputBytes").asInt())
                : limits;
    }

    private static @Nullable OutputSchema schema(JsonNode config) {
        return config.has("validate")
                ? OutputSchema.compile(config.get("validate").toString())
                : null;
    }
}
