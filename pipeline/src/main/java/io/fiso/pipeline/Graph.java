// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedPipeline.DurableEdge;
import io.fiso.pipeline.ResolvedPipeline.Edge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who feeds whom. */
final class Graph {
    /** One component as written. */
    record Draft(Kind kind, String id, Mark at, Mapping node) {}

    /** @param durableAt where it says that it is durable; null if it does not */
    private record Input(
            String from,
            Mark at,
            List<String> types,
            @Nullable Mark durableAt) {}

    /** An input of mode durable. */
    record DurableInput(String from, String to, List<String> types, Mark at) {}

    private final Problems problems;
    private final Map<String, Draft> drafts = new LinkedHashMap<>();
    private final List<Draft> nameless = new ArrayList<>();
    private final Map<String, List<Input>> inputs = new LinkedHashMap<>();
    private final Map<String, DurableEdge> durable = new LinkedHashMap<>();

    private Graph(Problems problems) {
        this.problems = problems;
    }

    static Graph of(Mapping spec, Problems problems) {
        var graph = new Graph(problems);
        graph.collect(spec, "sources", Kind.SOURCE);
        graph.collect(spec, "processors", Kind.PROCESSOR);
        graph.collect(spec, "sinks", Kind.SINK);
        graph.drafts.values().forEach(graph::connect);
        graph.findCycles();
        if (!problems.hasErrors()) {
            graph.findUnused();
        }
        return graph;
    }

    private void collect(Mapping spec, String section, Kind kind) {
        if (!(spec.get(section) instanceof Sequence list)) {
            return;
        }
        for (var item : list.items()) {
            if (!(item instanceof Mapping mapping)) {
                continue;
            }
            if (mapping.get("id") instanceof Scalar id && id.value() instanceof String) {
                add(new Draft(kind, id.text(), id.at(), mapping));
            } else {
                nameless.add(new Draft(kind, "the component", mapping.at(), mapping));
            }
        }
    }

    private void add(Draft draft) {
        var first = drafts.putIfAbsent(draft.id(), draft);
        if (first != null) {
            problems.error(
                    "pipeline.duplicate_id",
                    draft.at(),
                    "the id \"" + draft.id() + "\" is already taken in line "
                            + first.at().line(),
                    "give one of them another id");
            nameless.add(draft);
        }
    }

    private void connect(Draft draft) {
        var list = new ArrayList<Input>();
        inputs.put(draft.id(), list);
        if (!(draft.node().get("inputs") instanceof Sequence given)) {
            return;
        }
        for (var item : given.items()) {
            var from = item instanceof Mapping mapping ? mapping.get("from") : item;
            if (from instanceof Scalar name && name.value() instanceof String && accept(draft, name, list)) {
                list.add(new Input(name.text(), name.at(), types(item), durable(item)));
            }
        }
    }

    private boolean accept(Draft draft, Scalar name, List<Input> earlier) {
        var from = drafts.get(name.text());
        var quoted = "\"" + name.written() + "\"";
        if (from == null) {
            var known = drafts.values().stream()
                    .filter(d -> d.kind() != Kind.SINK && d != draft)
                    .map(Draft::id)
                    .toList();
            var hint = SchemaCheck.didYouMean(name.text(), known);
            problems.error(
                    "pipeline.unknown_input",
                    name.at(),
                    "there is no component " + quoted,
                    hint.isEmpty() && !known.isEmpty() ? "there are " + String.join(", ", known) : hint);
            return false;
        }
        if (from.kind() == Kind.SINK) {
            problems.error(
                    "pipeline.sink_as_input",
                    name.at(),
                    quoted + " is a sink; nothing comes out of it",
                    "take its inputs instead, or make it a processor");
            return false;
        }
        if (earlier.stream().anyMatch(i -> i.from().equals(name.text()))) {
            problems.error(
                    "pipeline.duplicate_input",
                    name.at(),
                    quoted + " is already an input of \"" + draft.id() + "\"",
                    "keep one, with all its types");
            return false;
        }
        return true;
    }

    private static List<String> types(Node item) {
        if (item instanceof Mapping mapping && mapping.get("types") instanceof Sequence types) {
            return types.items().stream()
                    .filter(t -> t instanceof Scalar s && s.value() instanceof String)
                    .map(t -> ((Scalar) t).text())
                    .toList();
        }
        return List.of();
    }

    private static @Nullable Mark durable(Node item) {
        return item instanceof Mapping mapping
                        && mapping.get("mode") instanceof Scalar mode
                        && mode.text().equals("durable")
                ? mode.at()
                : null;
    }

    // --- durable inputs

    /** In the order of the file; those that are not direct. */
    List<DurableInput> durableInputs() {
        var found = new ArrayList<DurableInput>();
        inputs.forEach((to, list) -> list.forEach(i -> {
            if (i.durableAt() != null) {
                found.add(new DurableInput(i.from(), to, i.types(), i.durableAt()));
            }
        }));
        return found;
    }

    /** Puts a sink and a source in the place of a durable input. */
    void expand(DurableEdge edge, Draft sink, Draft source) {
        drafts.put(sink.id(), sink);
        drafts.put(source.id(), source);
        durable.put(source.id(), edge);
        inputs.put(sink.id(), List.of(new Input(edge.from(), sink.at(), edge.types(), null)));
        inputs.computeIfPresent(
                edge.to(),
                (_, list) -> list.stream()
                        .map(i -> i.from().equals(edge.from()) ? new Input(source.id(), i.at(), List.of(), null) : i)
                        .toList());
    }

    /** Those that were expanded. */
    List<DurableEdge> durable() {
        return List.copyOf(durable.values());
    }

    // --- cycles

    private void findCycles() {
        var done = new HashSet<String>();
        var path = new ArrayList<String>();
        for (var id : drafts.keySet()) {
            visit(id, path, done);
        }
    }

    /** Depth first, against the stream. */
    private void visit(String id, List<String> path, Set<String> done) {
        if (done.contains(id) || path.size() > 1_000) {
            return;
        }
        path.add(id);
        for (var input : inputs.getOrDefault(id, List.of())) {
            int start = path.indexOf(input.from());
            if (start < 0) {
                visit(input.from(), path, done);
                continue;
            }
            var cycle = new ArrayList<>(path.subList(start, path.size()).reversed());
            cycle.add(cycle.getFirst());
            problems.error(
                    "pipeline.cycle",
                    input.at(),
                    "events would go round in a circle: " + String.join(" -> ", cycle),
                    "remove one of these inputs");
        }
        path.removeLast();
        done.add(id);
    }

    private void findUnused() {
        var used = new HashSet<String>();
        inputs.values().forEach(list -> list.forEach(i -> used.add(i.from())));
        for (var draft : drafts.values()) {
            if (draft.kind() != Kind.SINK && !used.contains(draft.id())) {
                problems.warning(
                        "pipeline.unused_output",
                        draft.at(),
                        "nothing takes what \"" + draft.id() + "\" emits; its events are settled as filtered",
                        "name it in the inputs of a sink");
            }
        }
    }

    // --- results, meaningful if there was no error

    /** Each before what it feeds, also where that goes through a stream; otherwise in the order of the file. */
    List<Draft> ordered() {
        var ordered = new ArrayList<Draft>();
        var state = new HashMap<String, Boolean>();
        drafts.keySet().forEach(id -> place(id, state, ordered));
        return ordered;
    }

    private void place(String id, Map<String, Boolean> state, List<Draft> ordered) {
        if (state.putIfAbsent(id, true) != null) {
            return;
        }
        if (durable.get(id) instanceof DurableEdge edge) {
            place(edge.sink(), state, ordered);
        }
        inputs.getOrDefault(id, List.of()).forEach(i -> place(i.from(), state, ordered));
        var draft = drafts.get(id);
        if (draft != null) {
            ordered.add(draft);
        }
    }

    /** Those without an id of their own: there is an error about each, and their other mistakes are worth reporting with it. */
    List<Draft> nameless() {
        return nameless;
    }

    /** The components behind a component, itself first, nearest first. */
    static List<String> reachable(String from, List<Edge> edges) {
        var reached = new LinkedHashSet<String>();
        var open = new ArrayDeque<String>(List.of(from));
        while (!open.isEmpty()) {
            var id = open.poll();
            if (reached.add(id)) {
                edges.stream().filter(e -> e.from().equals(id)).forEach(e -> open.add(e.to()));
            }
        }
        return List.copyOf(reached);
    }

    List<Edge> edges() {
        var edges = new ArrayList<Edge>();
        inputs.forEach((to, list) ->
                list.forEach(i -> edges.add(new Edge(i.from() + "->" + to, i.from(), to, i.types()))));
        return edges;
    }
}
