// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.testkit.ComponentHarness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The three stubs, with each other. */
@Timeout(300)
class StubsTest {
    @TempDir
    Path directory;

    @Test
    void whatIsGivenArrivesWithItsKeyAndItsDigits() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "given->arrived")) {
            harness.start("given", new StubSource(), source(event("1", "{\"a\":1.50}"), event("2", "2")));
            harness.start("arrived", new StubSink(), sink("[]"));

            assertThat(arrived(2))
                    .containsExactly(
                            "{\"key\":\"given\",\"event\":" + event("1", "{\"a\":1.50}") + "}",
                            "{\"key\":\"given\",\"event\":" + event("2", "2") + "}");
        }
    }

    @Test
    void aProcessorEmitsWhatItIsToldForEveryEvent() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "given->made", "made->arrived")) {
            harness.start("given", new StubSource(), source(event("1", "1")));
            harness.start("made", new StubProcessor(), """
                    {"pass": false, "fail": [], "emit": [
                      {"attributes": {"type": "new", "tenant": "blue", "subject": null}, "data": "{\\"x\\":2.0}"},
                      {"attributes": {"id": "mine"}}]}
                    """);
            harness.start("arrived", new StubSink(), sink("[]"));

            List<String> lines = arrived(2);
            JsonNode first = JsonMapper.shared().readTree(lines.get(0)).path("event");
            assertThat(first.path("id").asString()).isEqualTo("1/0");
            assertThat(first.path("type").asString()).isEqualTo("new");
            assertThat(first.path("tenant").asString()).isEqualTo("blue");
            assertThat(first.has("subject")).isFalse();
            assertThat(lines.get(0)).contains("\"data\":{\"x\":2.0}");
            JsonNode second = JsonMapper.shared().readTree(lines.get(1)).path("event");
            assertThat(second.path("id").asString()).isEqualTo("mine");
            assertThat(second.path("type").asString()).isEqualTo("t");
            assertThat(second.path("data").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aSinkFailsWhatItIsToldAndKeepsTheOrderOfTheKey() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "given->arrived")) {
            harness.start("arrived", new StubSink(), sink("""
                            [{"match": "{\\"id\\":\\"1\\"}", "code": "503", "message": "later", "times": 2},
                             {"match": "{\\"id\\":\\"3\\"}", "code": "422", "message": "never", "times": 0}]
                            """));
            harness.start(
                    "given",
                    new StubSource(),
                    source(event("1", "1"), event("2", "2"), event("3", "3"), event("4", "4")));

            assertThat(arrived(3))
                    .extracting(line -> JsonMapper.shared()
                            .readTree(line)
                            .path("event")
                            .path("id")
                            .asString())
                    .containsExactly("1", "2", "4");
            Path letters = harness.deadLetters("given");
            ComponentHarness.await("a dead letter", () -> lines(letters).size() == 1, () -> lines(letters));
            JsonNode letter = JsonMapper.shared().readTree(lines(letters).getFirst());
            assertThat(letter.path("eventId").asString()).isEqualTo("3");
            assertThat(letter.path("headers").path("fiso-error-code").asString())
                    .isEqualTo("422");
        }
    }

    private static String event(String id, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/s\",\"type\":\"t\",\"datacontenttype\":\"application/json\",\"subject\":\"s\",\"data\":"
                + data + "}";
    }

    private static String source(String... events) {
        var config = JsonMapper.shared().createObjectNode();
        var list = config.putArray("events");
        for (String event : events) {
            list.addObject().put("event", event);
        }
        return config.toString();
    }

    private String sink(String fail) {
        return "{\"record\": \"" + directory.resolve("arrived.jsonl") + "\", \"fail\": " + fail + "}";
    }

    private List<String> arrived(int count) throws InterruptedException {
        Path file = directory.resolve("arrived.jsonl");
        ComponentHarness.await(count + " events", () -> lines(file).size() >= count, () -> lines(file));
        return lines(file);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
