// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Shapes of pipelines: every component with its inputs, sources first. */
public enum Topology {
    SOURCE_SINK(List.of(source("s"), sink("k", "s"))),
    LINEAR(List.of(source("s"), processor("p", "s"), sink("k", "p"))),
    CHAIN(List.of(source("s"), processor("p", "s"), processor("q", "p"), processor("r", "q"), sink("k", "r"))),
    FAN_OUT(List.of(source("s"), processor("p", "s"), sink("k", "p"), sink("l", "p"))),
    FAN_IN(List.of(source("s"), source("t"), processor("p", "s", "t"), sink("k", "p"))),
    DIAMOND(List.of(source("s"), processor("p", "s"), processor("q", "s"), sink("k", "p", "q")));

    /** One component of a shape. */
    public record Component(String name, Kind kind, List<String> inputs) {}

    /** What a component is for. */
    public enum Kind {
        SOURCE,
        PROCESSOR,
        SINK
    }

    private final List<Component> components;

    Topology(List<Component> components) {
        this.components = components;
    }

    /** The components, in the direction of the stream. */
    public List<Component> components() {
        return components;
    }

    /** The edges that end at this component. */
    List<String> inputs(int component) {
        Component me = components.get(component);
        return me.inputs().stream().map(from -> from + "->" + me.name()).toList();
    }

    /** The edges that start at this component. */
    List<String> outputs(int component) {
        String from = components.get(component).name();
        return components.stream()
                .filter(other -> other.inputs().contains(from))
                .map(other -> from + "->" + other.name())
                .toList();
    }

    /** For each edge that starts at this component, every component that can be reached over it. */
    Map<String, Set<String>> leadsTo(int component) {
        Map<String, Set<String>> reachable = new HashMap<>();
        for (String edge : outputs(component)) {
            Set<String> names = new HashSet<>();
            names.add(edge.substring(edge.indexOf("->") + 2));
            // Components come in the direction of the stream.
            for (Component further : components) {
                if (further.inputs().stream().anyMatch(names::contains)) {
                    names.add(further.name());
                }
            }
            reachable.put(edge, names);
        }
        return reachable;
    }

    private static Component source(String name) {
        return new Component(name, Kind.SOURCE, List.of());
    }

    private static Component processor(String name, String... inputs) {
        return new Component(name, Kind.PROCESSOR, List.of(inputs));
    }

    private static Component sink(String name, String... inputs) {
        return new Component(name, Kind.SINK, List.of(inputs));
    }
}
