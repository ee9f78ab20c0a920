// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.pipeline.PipelineTest.Arrivals;
import io.fiso.pipeline.PipelineTest.Event;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Compares what arrived at one sink with what should have. */
final class ArrivalCheck {
    /** A sink that got something else altogether need not be told in full. */
    private static final int FINDINGS_MAX = 20;

    private final String sink;
    private final Arrivals expected;
    private final List<Arrived> arrived;

    private ArrivalCheck(String sink, Arrivals expected, List<Arrived> arrived) {
        this.sink = "sink \"" + sink + "\"";
        this.expected = expected;
        this.arrived = arrived;
    }

    /** What differs; nothing if all is as expected. */
    static List<Finding> of(String sink, Arrivals expected, List<Arrived> arrived) {
        return new ArrivalCheck(sink, expected, arrived).findings();
    }

    private List<Finding> findings() {
        List<Event> events = expected.events();
        Pairing.Fits fits = (e, a) -> differences(events.get(e), arrived.get(a)).isEmpty();
        List<String> keys = arrived.stream().map(Arrived::key).toList();
        if (!expected.unordered() && Pairing.inOrder(events.size(), keys, fits)) {
            return List.of();
        }
        int[] pairs = Pairing.most(events.size(), arrived.size(), fits);
        List<Finding> findings = unpaired(pairs);
        if (findings.isEmpty() && !expected.unordered()) {
            findings.add(disorder(pairs));
        }
        int more = findings.size() - FINDINGS_MAX;
        if (more <= 0) {
            return findings;
        }
        List<Finding> shown = new ArrayList<>(findings.subList(0, FINDINGS_MAX));
        shown.add(new Finding(expected.line(), sink + ": and " + PipelineFile.count(more, "more difference")));
        return shown;
    }

    private List<Finding> unpaired(int[] pairs) {
        List<Integer> left = new ArrayList<>();
        for (int a = 0; a < arrived.size(); a++) {
            left.add(a);
        }
        for (int pair : pairs) {
            left.remove((Integer) pair);
        }
        List<Finding> findings = new ArrayList<>();
        for (int e = 0; e < pairs.length; e++) {
            if (pairs[e] >= 0) {
                continue;
            }
            Event event = expected.events().get(e);
            String where = sink + ", event " + (e + 1) + ": ";
            if (left.isEmpty()) {
                findings.add(new Finding(
                        event.line(), where + "expected " + shown(event.event()) + ", and nothing more arrived"));
                continue;
            }
            Integer nearest = nearest(event, left);
            left.remove(nearest);
            differences(event, arrived.get(nearest))
                    .forEach(line -> findings.add(new Finding(event.line(), where + line)));
        }
        left.forEach(a -> findings.add(new Finding(
                expected.line(),
                sink + ": not expected, and arrived: " + shown(arrived.get(a).event()))));
        return findings;
    }

    /** The one that was probably meant: of those with the fewest differences the first. */
    private Integer nearest(Event event, List<Integer> left) {
        Integer nearest = left.getFirst();
        int fewest = Integer.MAX_VALUE;
        for (Integer a : left) {
            int differences = differences(event, arrived.get(a)).size();
            if (differences < fewest) {
                fewest = differences;
                nearest = a;
            }
        }
        return nearest;
    }

    private Finding disorder(int[] pairs) {
        for (int later = 1; later < pairs.length; later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                String key = arrived.get(pairs[earlier]).key();
                if (pairs[earlier] > pairs[later]
                        && key.equals(arrived.get(pairs[later]).key())) {
                    return new Finding(
                            expected.events().get(later).line(),
                            sink + ": event " + (later + 1) + " arrived before event " + (earlier + 1)
                                    + ", which has the same key \"" + key
                                    + "\"; if their order does not matter, write unordered: true");
                }
            }
        }
        return new Finding(expected.line(), sink + ": the events arrived in another order within their keys");
    }

    private List<String> differences(Event event, Arrived found) {
        List<String> lines = new ArrayList<>();
        event.key()
                .filter(key -> !key.equals(found.key()))
                .ifPresent(key -> lines.add("expected the key \"" + key + "\", found \"" + found.key() + "\""));
        JsonNode data = event.event().get("data");
        JsonNode foundData = found.event().get("data");
        if (expected.exactly() && data != null && foundData != null) {
            lines.addAll(JsonDifference.lacking(event.event().deepCopy().without("data"), found.event()));
            JsonDifference.between(data, foundData).forEach(line -> lines.add(inData(line)));
        } else {
            lines.addAll(JsonDifference.lacking(event.event(), found.event()));
        }
        return lines;
    }

    private static String inData(String line) {
        return line.startsWith("at /") ? "at /data" + line.substring("at ".length()) : "at /data: " + line;
    }

    private static String shown(JsonNode event) {
        return JsonDifference.shown(event.has("data") && event.size() == 1 ? event.path("data") : event);
    }
}
