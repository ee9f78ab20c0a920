// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.time.Duration;
import java.util.List;

/**
 * A pipeline with nothing left to look up: every default is filled in, every reference followed, every expression checked. What the control
 * plane runs.
 *
 * @param name the pipeline's name: letters, digits, "-", up to 63
 * @param driver the driver to launch with: process, docker, kubernetes
 * @param components sources, processors, sinks and services, each before what it feeds
 * @param edges every edge, in the order of the file
 * @param drainTimeout how long a stop lets what is in flight settle
 * @param fingerprint SHA-256 over everything above, hex, secrets included by hash only
 */
public record ResolvedPipeline(
        String name,
        String driver,
        List<ResolvedComponent> components,
        List<Edge> edges,
        Duration drainTimeout,
        String fingerprint) {

    /**
     * One directed stream.
     *
     * @param name {@code from->to}
     * @param types event types that take it: exact, or a prefix ending in "*"; empty means all
     */
    public record Edge(String name, String from, String to, List<String> types) {}

    /** The component of this id. */
    public ResolvedComponent component(String id) {
        return components.stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }

    /** Values of secrets that must never be shown, to be masked wherever text leaves the process. */
    public List<String> secrets() {
        return components.stream().flatMap(c -> c.secrets().stream()).distinct().toList();
    }
}
