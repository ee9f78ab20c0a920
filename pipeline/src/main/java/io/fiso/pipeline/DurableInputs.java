// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Graph.Draft;
import io.fiso.pipeline.Graph.DurableInput;
import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedPipeline.DurableEdge;
import java.util.ArrayList;
import java.util.List;

/**
 * An input of mode durable is a sink and a source with a stream of the broker between them, so that all that holds of sinks and sources holds of it. Their ids
 * contain a dot, which no id of the user's can: {@code orders.callback.in} appends to the stream {@code orders.callback}, {@code orders.callback.out} reads it.
 */
final class DurableInputs {
    /** A key's records are all in one; so many readers may there be one day. */
    private static final int PARTITIONS = 6;

    /** The broker's longest name is 100: room is left for what makes an id of it, and for what may stand behind an id. */
    private static final int NAMES_MAX = 90;

    private DurableInputs() {}

    static void expand(Graph graph, String pipeline, String driver, Problems problems) {
        var inputs = graph.durableInputs();
        inputs.forEach(input -> check(input, driver, problems));
        if (!problems.hasErrors()) {
            inputs.forEach(input -> expand(graph, pipeline, input));
        }
    }

    private static void check(DurableInput input, String driver, Problems problems) {
        if (!driver.equals("process")) {
            problems.error(
                    "pipeline.driver_cannot",
                    input.at(),
                    "a durable input needs the embedded broker, which serves one machine; the " + driver
                            + " driver spreads components over several",
                    "use the process driver, or remove mode and put a topic of Kafka between \"" + input.from()
                            + "\" and \"" + input.to() + "\"");
        }
        int length = input.from().length() + input.to().length();
        if (length > NAMES_MAX) {
            problems.error(
                    "pipeline.durable_name_too_long",
                    input.at(),
                    "the stream between \"" + input.from() + "\" and \"" + input.to()
                            + "\" is named after both, and their ids have " + length + " characters together",
                    "use shorter ids, of at most " + NAMES_MAX + " characters together");
        }
    }

    private static void expand(Graph graph, String pipeline, DurableInput input) {
        var name = input.from() + "." + input.to();
        var edge = new DurableEdge(
                input.from(),
                input.to(),
                input.types(),
                "default/" + pipeline + "/streams/" + name,
                name + ".in",
                name + ".out");
        var at = input.at();
        // Both can be the first that is there.
        var stream = List.of(
                entry(at, "stream", Node.text(at, edge.stream())),
                entry(at, "partitions", number(at, PARTITIONS)),
                entry(at, "untilConsumed", new Scalar(at, true, "true", "true", Node.Style.PLAIN, false)));
        var reading = new ArrayList<>(stream);
        reading.add(entry(at, "startOffset", Node.text(at, "earliest")));
        var sink = component(at, edge.sink(), "stream-sink", stream);
        var source = component(at, edge.source(), "stream-source", reading);
        graph.expand(
                edge, new Draft(Kind.SINK, edge.sink(), at, sink), new Draft(Kind.SOURCE, edge.source(), at, source));
    }

    private static Scalar number(Mark at, long value) {
        var text = Long.toString(value);
        return new Scalar(at, value, text, text, Node.Style.PLAIN, false);
    }

    private static Mapping component(Mark at, String id, String type, List<Entry> config) {
        return Mapping.of(
                at,
                List.of(
                        entry(at, "id", Node.text(at, id)),
                        entry(at, "type", Node.text(at, type)),
                        entry(at, "config", Mapping.of(at, config))));
    }

    private static Entry entry(Mark at, String key, Node value) {
        return new Entry(Node.text(at, key), value);
    }
}
