// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A pipeline with nothing left to look up: every default is filled in, every reference followed, every expression checked. What the control
 * plane runs.
 *
 * @param name the pipeline's name: letters, digits, "-", up to 63
 * @param driver the driver to launch with: process, docker, kubernetes
 * @param components sources, processors, sinks and services, each before what it feeds
 * @param edges every edge, in the order of the file; for a durable input two, with a stream between them
 * @param durableEdges the inputs with a stream between, in the order of the file
 * @param drainTimeout how long a stop lets what is in flight settle
 * @param fingerprint SHA-256 over everything above, hex, secrets included by hash only
 */
public record ResolvedPipeline(
        String name,
        String driver,
        List<ResolvedComponent> components,
        List<Edge> edges,
        List<DurableEdge> durableEdges,
        Duration drainTimeout,
        String fingerprint) {

    public ResolvedPipeline {
        // A run that was stored before there were any has none.
        durableEdges = durableEdges == null ? List.of() : List.copyOf(durableEdges);
    }

    /** One without durable edges. */
    public ResolvedPipeline(
            String name,
            String driver,
            List<ResolvedComponent> components,
            List<Edge> edges,
            Duration drainTimeout,
            String fingerprint) {
        this(name, driver, components, edges, List.of(), drainTimeout, fingerprint);
    }

    /**
     * One directed stream.
     *
     * @param name {@code from->to}
     * @param types event types that take it: exact, or a prefix ending in "*"; empty means all
     */
    public record Edge(String name, String from, String to, List<String> types) {}

    /**
     * An input of mode durable: two edges, of which the first ends in a sink that appends to a stream of the broker, and the second begins at a source that
     * reads it.
     *
     * @param from the component that the user named
     * @param to the component whose input it is
     * @param types event types that take it; empty means all
     * @param stream the stream's whole name
     * @param sink the id of the component that appends to it
     * @param source the id of the component that reads it
     */
    public record DurableEdge(String from, String to, List<String> types, String stream, String sink, String source) {
        /** Whether this component is one of the two that stand for it. */
        public boolean has(String component) {
            return component.equals(sink) || component.equals(source);
        }

        /** For people: {@code orders -> callback}. */
        public String label() {
            return from + " -> " + to;
        }
    }

    /** The durable edge that this component stands for a part of; empty for the user's own. */
    public Optional<DurableEdge> durableEdge(String component) {
        return durableEdges.stream().filter(edge -> edge.has(component)).findFirst();
    }

    /** The component of this id. */
    public ResolvedComponent component(String id) {
        return components.stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }

    /** Values of secrets that must never be shown, to be masked wherever text leaves the process. */
    public List<String> secrets() {
        return components.stream().flatMap(c -> c.secrets().stream()).distinct().toList();
    }
}
