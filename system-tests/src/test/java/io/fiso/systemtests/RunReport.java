// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** A run as {@code fisoctl -o json} tells it. */
final class RunReport {
    private final JsonNode run;
    private final Supplier<String> context;

    RunReport(JsonNode run, Supplier<String> context) {
        this.run = run;
        this.context = context;
    }

    String id() {
        return run.path("id").asString("");
    }

    String state() {
        return run.path("state").asString("");
    }

    void expectState(String state) {
        if (!state().equals(state)) {
            throw new AssertionError("the run is " + state() + " instead of " + state + "\n" + context.get());
        }
    }

    long accepted() {
        return number(run.path("accepted"), "accepted");
    }

    long delivered() {
        return number(run.path("totals").path("delivered"), "totals.delivered");
    }

    long deadLettered() {
        return number(run.path("totals").path("failed"), "totals.failed");
    }

    long restarts(String component) {
        return number(component(component).path("restarts"), "restarts of " + component);
    }

    /** Why the run is in the state it is in; empty if there is nothing to say. */
    String reason() {
        return run.path("reason").asString("");
    }

    long inFlight() {
        return number(run.path("inFlight"), "inFlight");
    }

    /** HEALTHY, RESTARTING, … */
    String health(String component) {
        return component(component).path("health").asString("");
    }

    /** Records that wait outside, over all partitions of a source. */
    long lag(String source) {
        long lag = 0;
        for (JsonNode partition : component(source).path("partitions")) {
            lag += Math.max(0, number(partition.path("lag"), "lag"));
        }
        return lag;
    }

    JsonNode firstError() {
        return run.path("firstError");
    }

    JsonNode component(String id) {
        return StreamSupport.stream(run.path("components").spliterator(), false)
                .filter(c -> c.path("id").asString("").equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no component \"" + id + "\" in the report\n" + context.get()));
    }

    /** One of several replicas. */
    JsonNode replica(String id, int replica) {
        return StreamSupport.stream(run.path("components").spliterator(), false)
                .filter(c -> c.path("id").asString("").equals(id)
                        && c.path("replica").asInt(-1) == replica)
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError("no \"" + id + "/" + replica + "\" in the report\n" + context.get()));
    }

    /** Events per edge as its emitter numbered them. */
    Map<String, Long> sentPerEdge() {
        return perEdge("outputs");
    }

    /** Events per edge as its receiver saw them. */
    Map<String, Long> receivedPerEdge() {
        return perEdge("inputs");
    }

    /** Events that a component sent more than once. */
    long resent(String component) {
        long resent = 0;
        for (JsonNode edge : component(component).path("outputs")) {
            resent += number(edge.path("resent"), "resent");
        }
        return resent;
    }

    private Map<String, Long> perEdge(String end) {
        Map<String, Long> events = new TreeMap<>();
        for (JsonNode component : run.path("components")) {
            for (JsonNode edge : component.path(end)) {
                events.merge(edge.path("edge").asString(), number(edge.path("events"), "events"), Long::sum);
            }
        }
        return events;
    }

    private long number(JsonNode node, String what) {
        if (!node.isIntegralNumber()) {
            throw new AssertionError("the report has no number \"" + what + "\"\n" + context.get());
        }
        return node.asLong();
    }

    @Override
    public String toString() {
        return run.toString();
    }
}
