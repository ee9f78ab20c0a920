// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resolved pipelines to test with. */
final class Pipelines {
    static final ResolvedComponent.Restart RESTART = new ResolvedComponent.Restart(
            ResolvedComponent.Restart.Policy.ON_FAILURE,
            Duration.ofMillis(200),
            Duration.ofSeconds(30),
            5,
            Duration.ofMinutes(10));

    private Pipelines() {}

    /** orders → normalize → callback. */
    static ResolvedPipeline linear(String name) {
        return linear(name, "fake", RESTART);
    }

    static ResolvedPipeline linear(String name, String driver, ResolvedComponent.Restart restart) {
        return new ResolvedPipeline(
                name,
                driver,
                List.of(
                        component("orders", ResolvedComponent.Kind.SOURCE, restart, 1),
                        component("normalize", ResolvedComponent.Kind.PROCESSOR, restart, 1),
                        component("callback", ResolvedComponent.Kind.SINK, restart, 1)),
                List.of(edge("orders", "normalize"), edge("normalize", "callback")),
                Duration.ofSeconds(30),
                "fingerprint-" + name);
    }

    /** orders → normalize → (stream) → callback, with a durable edge between the last two. */
    static ResolvedPipeline durable(String name) {
        ResolvedPipeline.DurableEdge edge = durableEdge("normalize", "callback");
        return new ResolvedPipeline(
                name,
                "fake",
                List.of(
                        component("orders", ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component("normalize", ResolvedComponent.Kind.PROCESSOR, RESTART, 1),
                        component(edge.sink(), ResolvedComponent.Kind.SINK, RESTART, 1),
                        component(edge.source(), ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component("callback", ResolvedComponent.Kind.SINK, RESTART, 1)),
                List.of(edge("orders", "normalize"), edge("normalize", edge.sink()), edge(edge.source(), "callback")),
                List.of(edge),
                Duration.ofSeconds(30),
                "fingerprint-" + name);
    }

    /** orders → (stream) → normalize → (stream) → callback. */
    static ResolvedPipeline durableChain(String name) {
        ResolvedPipeline.DurableEdge first = durableEdge("orders", "normalize");
        ResolvedPipeline.DurableEdge second = durableEdge("normalize", "callback");
        return new ResolvedPipeline(
                name,
                "fake",
                List.of(
                        component("orders", ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component(first.sink(), ResolvedComponent.Kind.SINK, RESTART, 1),
                        component(first.source(), ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component("normalize", ResolvedComponent.Kind.PROCESSOR, RESTART, 1),
                        component(second.sink(), ResolvedComponent.Kind.SINK, RESTART, 1),
                        component(second.source(), ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component("callback", ResolvedComponent.Kind.SINK, RESTART, 1)),
                List.of(
                        edge("orders", first.sink()),
                        edge(first.source(), "normalize"),
                        edge("normalize", second.sink()),
                        edge(second.source(), "callback")),
                List.of(first, second),
                Duration.ofSeconds(30),
                "fingerprint-" + name);
    }

    private static ResolvedPipeline.DurableEdge durableEdge(String from, String to) {
        String name = from + "." + to;
        return new ResolvedPipeline.DurableEdge(
                from, to, List.of(), "default/p/streams/" + name, name + ".in", name + ".out");
    }

    /** The same with another content. */
    static ResolvedPipeline changed(String name) {
        ResolvedPipeline was = linear(name);
        return new ResolvedPipeline(
                was.name(), was.driver(), was.components(), was.edges(), was.drainTimeout(), "another fingerprint");
    }

    /** A source that feeds a sink of several replicas. */
    static ResolvedPipeline replicated(String name, int replicas) {
        return new ResolvedPipeline(
                name,
                "fake",
                List.of(
                        component("orders", ResolvedComponent.Kind.SOURCE, RESTART, 1),
                        component("callback", ResolvedComponent.Kind.SINK, RESTART, replicas)),
                new ArrayList<>(List.of(edge("orders", "callback"))),
                Duration.ofSeconds(30),
                "fingerprint-" + name);
    }

    static ResolvedPipeline.Edge edge(String from, String to) {
        return new ResolvedPipeline.Edge(from + "->" + to, from, to, List.of());
    }

    static ResolvedComponent component(
            String id, ResolvedComponent.Kind kind, ResolvedComponent.Restart restart, int replicas) {
        return new ResolvedComponent(
                id,
                kind,
                Optional.of(id + "-type"),
                new ResolvedComponent.Launch.Command(List.of("/bin/false"), Path.of("/")),
                "{\"config\": {}}",
                "{\"config\": {}}",
                Map.of(),
                List.of(),
                replicas,
                restart,
                new ResolvedComponent.Resources(Optional.empty(), Optional.empty()),
                Duration.ofSeconds(60));
    }
}
