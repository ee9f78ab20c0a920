// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.pipeline.PipelineTest.Arrivals;
import io.fiso.pipeline.PipelineTest.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ArrivalCheckTest {
    @Test
    void comparesWhatIsNamedOnly() {
        assertThat(
                        differences(
                                List.of(
                                        "{\"data\":{\"a\":{\"b\":1.0},\"list\":[{\"x\":1}]},\"type\":\"t\",\"subject\":null}"),
                                List.of(
                                        "{\"id\":\"1\",\"type\":\"t\",\"data\":{\"a\":{\"b\":1,\"c\":2},\"d\":3,\"list\":[{\"x\":1,\"y\":2}]}}")))
                .isEmpty();
        assertThat(differences(
                        List.of("{\"data\":{\"a\":{\"b\":1},\"list\":[1]},\"type\":\"t\",\"subject\":null}"),
                        List.of("{\"type\":\"u\",\"subject\":\"s\",\"data\":{\"a\":{},\"list\":[1,2]}}")))
                .containsExactly(
                        "11: sink \"out\", event 1: at /data/a/b: expected 1, and it is not there",
                        "11: sink \"out\", event 1: at /data/list/1: not expected, found 2",
                        "11: sink \"out\", event 1: at /subject: expected null, found \"s\"",
                        "11: sink \"out\", event 1: at /type: expected \"t\", found \"u\"");
    }

    @Test
    void comparesDataAsAWholeWhenToldTo() {
        var expected = new Arrivals(10, List.of(event(11, "{\"data\":{\"a\":1}}")), false, true);

        assertThat(lines(ArrivalCheck.of(
                        "out", expected, List.of(arrived("k", "{\"type\":\"t\",\"data\":{\"a\":1,\"b\":2}}")))))
                .containsExactly("11: sink \"out\", event 1: at /data/b: not expected, found 2");
        assertThat(lines(ArrivalCheck.of(
                        "out", expected, List.of(arrived("k", "{\"type\":\"t\",\"data\":{\"a\":1.0}}")))))
                .isEmpty();
        assertThat(lines(ArrivalCheck.of("out", expected, List.of(arrived("k", "{\"type\":\"t\",\"data\":7}")))))
                .containsExactly("11: sink \"out\", event 1: at /data: expected {\"a\":1}, found 7");
    }

    @Test
    void saysWhatDidNotArriveAndWhatDidBeside() {
        assertThat(differences(List.of("{\"data\":1}", "{\"data\":2}"), List.of("{\"data\":2}")))
                .containsExactly("11: sink \"out\", event 1: expected 1, and nothing more arrived");
        assertThat(differences(List.of("{\"data\":2}"), List.of("{\"data\":1}", "{\"data\":2}")))
                .containsExactly("10: sink \"out\": not expected, and arrived: 1");
        assertThat(differences(List.of(), List.of("{\"type\":\"t\",\"data\":1}")))
                .containsExactly("10: sink \"out\": not expected, and arrived: {\"type\":\"t\",\"data\":1}");
    }

    @Test
    void comparesWithTheEventThatWasProbablyMeant() {
        assertThat(differences(
                        List.of("{\"data\":{\"id\":1,\"n\":1,\"m\":1}}", "{\"data\":{\"id\":2,\"n\":2,\"m\":2}}"),
                        List.of("{\"data\":{\"id\":2,\"n\":2,\"m\":3}}", "{\"data\":{\"id\":1,\"n\":1,\"m\":3}}")))
                .containsExactly(
                        "11: sink \"out\", event 1: at /data/m: expected 1, found 3",
                        "12: sink \"out\", event 2: at /data/m: expected 2, found 3");
    }

    @Test
    void orderCountsWithinAKey() {
        List<Event> events = List.of(event(11, "{\"data\":1}"), event(12, "{\"data\":2}"));
        List<Arrived> other = List.of(arrived("k", "{\"data\":2}"), arrived("k", "{\"data\":1}"));
        List<Arrived> keys = List.of(arrived("k", "{\"data\":2}"), arrived("l", "{\"data\":1}"));

        assertThat(lines(ArrivalCheck.of("out", new Arrivals(10, events, false, false), other)))
                .containsExactly(
                        "12: sink \"out\": event 2 arrived before event 1, which has the same key \"k\"; if their order does not matter, write unordered: true");
        assertThat(lines(ArrivalCheck.of("out", new Arrivals(10, events, true, false), other)))
                .isEmpty();
        assertThat(lines(ArrivalCheck.of("out", new Arrivals(10, events, false, false), keys)))
                .isEmpty();
    }

    @Test
    void comparesTheKey() {
        var expected = new Arrivals(
                10, List.of(new Event(11, Optional.of("a"), (ObjectNode) JsonDifference.parse("{}"))), false, false);

        assertThat(lines(ArrivalCheck.of("out", expected, List.of(arrived("b", "{}")))))
                .containsExactly("11: sink \"out\", event 1: expected the key \"a\", found \"b\"");
    }

    @Test
    void tellsOfManyDifferencesOnlySome() {
        List<String> arrived = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            arrived.add("{\"data\":" + i + "}");
        }

        assertThat(differences(List.of(), arrived))
                .hasSize(21)
                .last()
                .isEqualTo("10: sink \"out\": and 10 more differences");
    }

    private static List<String> differences(List<String> expected, List<String> arrived) {
        List<Event> events = new ArrayList<>();
        expected.forEach(json -> events.add(event(11 + events.size(), json)));
        return lines(ArrivalCheck.of(
                "out",
                new Arrivals(10, events, false, false),
                arrived.stream().map(json -> arrived("k", json)).toList()));
    }

    private static Event event(int line, String json) {
        return new Event(line, Optional.empty(), (ObjectNode) JsonDifference.parse(json));
    }

    private static Arrived arrived(String key, String json) {
        return new Arrived(key, JsonDifference.parse(json));
    }

    private static List<String> lines(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.line() + ": " + finding.message())
                .toList();
    }
}
