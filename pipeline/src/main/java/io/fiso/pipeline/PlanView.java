// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedPipeline.DurableEdge;
import io.fiso.transform.EventTransform;
import io.fiso.transform.ExpressionSet;
import io.fiso.transform.InvalidExpressionException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a pipeline would do, for {@code fisoctl plan}: the graph and every component's resolved config, secrets hidden. */
public final class PlanView {
    private PlanView() {}

    /** For a terminal. */
    public static String text(ResolvedPipeline pipeline, List<Problem> warnings) {
        var text = new StringBuilder("pipeline ")
                .append(pipeline.name())
                .append(", driver ")
                .append(pipeline.driver())
                .append("\n\n");
        pipeline.edges().stream()
                .filter(e -> pipeline.durableEdge(e.from()).isEmpty())
                .forEach(e -> edge(text, pipeline, e));
        for (var component : pipeline.components()) {
            text.append('\n')
                    .append(component.id())
                    .append("  (")
                    .append(ComponentResolver.label(component.kind()))
                    .append(", ")
                    .append(what(component))
                    .append(component.replicas() > 1 ? ", " + component.replicas() + " replicas" : "")
                    .append(pipeline.durableEdge(component.id())
                            .map(e -> ", of the durable edge " + e.label())
                            .orElse(""))
                    .append(")\n");
            var config = JsonView.MAPPER.readTree(component.shownConfig());
            config.properties().stream()
                    .filter(p -> !List.of("kind", "type", "inputs", "outputs").contains(p.getKey()))
                    .forEach(p -> line(text, p.getKey(), p.getValue(), 2));
            expressions(component).ifPresent(set -> expressions(text, set));
            component
                    .env()
                    .keySet()
                    .forEach(name -> line(text, "env " + name, JsonNodeFactory.instance.stringNode(JsonView.MASK), 2));
        }
        if (!warnings.isEmpty()) {
            text.append('\n')
                    .append(warnings.stream().map(Problem::render).collect(Collectors.joining("\n\n")))
                    .append('\n');
        }
        return text.toString();
    }

    /** An edge as the user wrote it: of a durable one the two components that stand for it are left out. */
    private static void edge(StringBuilder text, ResolvedPipeline pipeline, ResolvedPipeline.Edge edge) {
        var durable = pipeline.durableEdge(edge.to());
        text.append("  ")
                .append(durable.map(DurableEdge::label).orElse(edge.from() + " -> " + edge.to()))
                .append(edge.types().isEmpty() ? "" : "  (" + String.join(", ", edge.types()) + ")")
                .append(durable.map(e -> "  durable, in the stream " + e.stream())
                        .orElse(""))
                .append('\n');
    }

    private static Optional<ExpressionSet> expressions(ResolvedComponent component) {
        try {
            return CelProcessors.transform(component, InstantSource.system()).map(EventTransform::expressions);
        } catch (InvalidExpressionException e) {
            throw new IllegalStateException("a pipeline without mistakes has one: " + e.getMessage(), e);
        }
    }

    private static void expressions(StringBuilder text, ExpressionSet set) {
        var interpreted = set.interpreted();
        text.append("  expressions: ").append(set.size() - interpreted.size()).append(" compiled");
        if (!interpreted.isEmpty()) {
            text.append(", ").append(interpreted.size()).append(" interpreted, which is slower");
        }
        text.append('\n');
        interpreted.forEach(e -> text.append("    ")
                .append(e.label())
                .append(": ")
                .append(e.reason())
                .append(" is not compiled\n"));
    }

    private static void expressions(ObjectNode entry, ExpressionSet set) {
        var expressions = entry.putObject("expressions");
        var interpreted = set.interpreted();
        expressions.put("compiled", set.size() - interpreted.size());
        var list = expressions.putArray("interpreted");
        interpreted.forEach(e -> list.addObject()
                .put("label", e.label())
                .put("expression", e.expression())
                .put("reason", e.reason()));
    }

    private static void line(StringBuilder text, String key, JsonNode value, int indent) {
        text.append(" ".repeat(indent)).append(key).append(':');
        if (value.isObject() && !value.isEmpty()) {
            text.append('\n');
            value.properties().forEach(p -> line(text, p.getKey(), p.getValue(), indent + 2));
        } else {
            text.append(' ')
                    .append(value.isString() ? value.asString() : value.toString())
                    .append('\n');
        }
    }

    private static String what(ResolvedComponent component) {
        return component.type().orElseGet(() -> switch (component.launch()) {
            case Launch.Java java -> String.valueOf(java.jar().getFileName());
            case Launch.Command command -> String.join(" ", command.argv());
            case Launch.Image image -> image.name();
        });
    }

    /** The same as JSON text. */
    public static String json(ResolvedPipeline pipeline, List<Problem> warnings) {
        var json = JsonNodeFactory.instance;
        var plan = json.objectNode();
        plan.put("pipeline", pipeline.name())
                .put("driver", pipeline.driver())
                .put("fingerprint", pipeline.fingerprint());
        var edges = plan.putArray("edges");
        pipeline.edges().forEach(e -> {
            var edge = edges.addObject().put("from", e.from()).put("to", e.to());
            var types = edge.putArray("types");
            e.types().forEach(types::add);
        });
        var durable = plan.putArray("durableEdges");
        pipeline.durableEdges()
                .forEach(e -> durable.addObject()
                        .put("from", e.from())
                        .put("to", e.to())
                        .put("stream", e.stream())
                        .put("sink", e.sink())
                        .put("source", e.source()));
        var components = plan.putArray("components");
        for (var component : pipeline.components()) {
            var shown = (ObjectNode) JsonView.MAPPER.readTree(component.shownConfig());
            var entry = components.addObject().put("id", component.id());
            entry.put("replicas", component.replicas());
            entry.setAll(shown);
            expressions(component).ifPresent(set -> expressions(entry, set));
            var env = entry.putArray("env");
            component.env().keySet().forEach(env::add);
        }
        var list = plan.putArray("warnings");
        warnings.forEach(w -> list.addObject()
                .put("code", w.code())
                .put("at", w.place().toString())
                .put("message", w.message()));
        return plan.toString();
    }
}
