// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.ExpressionSet.Handle;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an event by the rules: none, one or several.
 *
 * <ol>
 *   <li>Thread-safe and stateless. The same event gives the same, as far as no expression asks for {@code now()}.
 *   <li>{@code where} and {@code drop} come first: of an event that does not go on nothing else is evaluated.
 *   <li>If one expression fails, all of it fails; nothing is filtered by mistake.
 *   <li>The payload must be JSON only if an expression looks at it, or makes another.
 * </ol>
 */
public final class EventTransform {
    /** What is set along with new data. */
    private static final Map<String, @Nullable Object> NEW_DATA = Map.of("datacontenttype", "application/json");

    /**
     * An event that goes on.
     *
     * @param data its data; null if that stays
     * @param attributes what is set, to {@code String}, {@code Boolean}, {@code Integer}, {@code byte[]} or {@code Instant}; null takes the attribute
     *     away; the others stay
     */
    public record Output(byte @Nullable [] data, Map<String, @Nullable Object> attributes) {}

    private final ExpressionSet set;
    private final EventRules rules;
    private final @Nullable OutputSchema schema;
    private final Handle.@Nullable Condition where;
    private final Handle.@Nullable Condition drop;
    private final Handle.@Nullable Json data;
    private final Handle.@Nullable Elements emit;
    private final Map<String, Handle.Value> attributes;

    private EventTransform(EventRules rules, ExpressionSet.Builder builder, @Nullable OutputSchema schema)
            throws InvalidExpressionException {
        this.rules = rules;
        this.schema = schema;
        this.where = rules.where().map(e -> builder.condition("where", e)).orElse(null);
        this.drop = rules.drop().map(e -> builder.condition("drop", e)).orElse(null);
        this.data = data(rules, builder);
        this.emit = rules.emit().map(e -> builder.elements("emit", e)).orElse(null);
        this.attributes = attributes(rules, builder);
        if (!rules.makesData()) {
            builder.anyPayload();
        }
        this.set = builder.build();
    }

    private static Handle.@Nullable Json data(EventRules rules, ExpressionSet.Builder builder) {
        if (!rules.fields().isEmpty()) {
            return builder.object(rules.fields());
        }
        var expression = rules.cloudevents().get("data");
        return expression == null ? null : builder.value("cloudevents.data", expression);
    }

    private static Map<String, Handle.Value> attributes(EventRules rules, ExpressionSet.Builder builder) {
        var handles = new LinkedHashMap<String, Handle.Value>();
        rules.cloudevents().forEach((name, expression) -> {
            if (!name.equals("data")) {
                handles.put(name, builder.object("cloudevents." + name, expression, ExpressionKind.ofAttribute(name)));
            }
        });
        return handles;
    }

    /** @param schema what new data must satisfy */
    public static EventTransform compile(
            EventRules rules, Limits limits, InstantSource clock, @Nullable OutputSchema schema)
            throws InvalidExpressionException {
        return new EventTransform(rules, ExpressionSet.builder(limits, clock), schema);
    }

    /** How the expressions are evaluated. */
    public ExpressionSet expressions() {
        return set;
    }

    /** Whether what goes on differs from the event in more than its data and that it is JSON. */
    public boolean changesAttributes() {
        return emit != null || !attributes.isEmpty();
    }

    /** What goes on; empty if the event is filtered. */
    public List<Output> apply(EventView event) throws TransformException {
        try (var evaluated = set.over(event)) {
            if (where != null && !evaluated.test(where) || drop != null && evaluated.test(drop)) {
                return List.of();
            }
            if (emit != null) {
                return split(evaluated, emit, event);
            }
            var made = data == null ? null : checked(evaluated.json(data));
            return List.of(new Output(made, overrides(evaluated)));
        }
    }

    private List<Output> split(Evaluated evaluated, Handle.Elements list, EventView event) throws TransformException {
        var elements = evaluated.elements(list);
        var shared = overrides(evaluated);
        var id = shared.get("id") instanceof String other ? other : event.id();
        var outputs = new ArrayList<Output>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            var own = new LinkedHashMap<>(shared);
            own.put("id", id + "/" + i);
            outputs.add(new Output(checked(elements.get(i)), own));
        }
        return outputs;
    }

    private byte[] checked(byte[] output) throws TransformException {
        if (schema != null) {
            schema.check(output);
        }
        return output;
    }

    private Map<String, @Nullable Object> overrides(Evaluated evaluated) throws TransformException {
        if (attributes.isEmpty()) {
            return rules.makesData() ? NEW_DATA : Map.of();
        }
        var values = new LinkedHashMap<String, @Nullable Object>();
        if (rules.makesData()) {
            values.putAll(NEW_DATA);
        }
        for (var attribute : attributes.entrySet()) {
            var name = attribute.getKey();
            var value = evaluated.value(attribute.getValue());
            try {
                values.put(name, AttributeRules.value(name, value));
            } catch (TransformException e) {
                throw new TransformException("cloudevents." + name + ": " + e.getMessage(), e);
            }
        }
        return Collections.unmodifiableMap(values);
    }
}
