// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What failed is given in again: to whom it failed and nobody else, in its order, once. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class DeadLetterReplayIT {
    private static final int KEYS = 8;
    private static final int PER_KEY = 5;
    private static final int FAILING_KEYS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void replaysATopicOfLettersToTheFailedSinkInOrderAndOnce(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 3);
        try (HttpStub callback = HttpStub.start();
                HttpStub archive = HttpStub.start()) {
            callback.script(refusing(DeadLetterReplayIT::failing));
            FisoctlProcess run = sandbox.run(fanOut("again", kafka, topic, callback, archive));
            kafka.produce(topic, events());
            awaitOpen(sandbox, "again", FAILING_KEYS * PER_KEY, run);
            Eventually.until(PATIENCE, () -> archive.count() == KEYS * PER_KEY, () -> "all at the archive" + run);
            Map<Integer, String> ids = ids(archive);
            List<String> letters = List.copyOf(open(sandbox, "again").keySet());

            // Nothing is mended yet: one letter of each key fails again, those behind it are not even tried.
            int triesBefore = callback.count();
            JsonNode first =
                    sandbox.end(1, "dlq", "replay", "again", "-o", "json").envelope();
            assertThat(first.get("error").get("code").asString()).isEqualTo("dlq.failed_again");
            assertThat(first.get("result").get("replayed").asInt()).isZero();
            assertThat(first.get("result").get("failedAgain")).hasSize(FAILING_KEYS);
            assertThat(first.get("result").get("heldBack")).hasSize(FAILING_KEYS * (PER_KEY - 1));
            assertThat(callback.count() - triesBefore).isEqualTo(FAILING_KEYS);
            assertThat(open(sandbox, "again")).hasSize(FAILING_KEYS * PER_KEY);

            callback.script(_ -> HttpStub.Answer.OK);
            int acceptedBefore = callback.accepted().size();
            JsonNode one = sandbox.succeed(
                            "dlq", "replay", "again", "--where", "key == 'key-0' && data.n == 0", "-o", "json")
                    .envelope();
            assertThat(one.get("result").get("replayed").asInt()).isEqualTo(1);
            JsonNode rest =
                    sandbox.succeed("dlq", "replay", "again", "-o", "json").envelope();
            assertThat(rest.get("result").get("replayed").asInt()).isEqualTo(FAILING_KEYS * PER_KEY - 1);

            List<HttpStub.Request> replayed = callback.accepted()
                    .subList(acceptedBefore, callback.accepted().size());
            assertThat(replayed).hasSize(FAILING_KEYS * PER_KEY);
            assertThat(numbersByKey(replayed).values())
                    .as("in order per key")
                    .allSatisfy(numbers -> assertThat(numbers).isSorted());
            assertThat(replayed).allSatisfy(request -> assertThat(id(request)).isEqualTo(ids.get(number(request))));
            assertThat(archive.count()).as("the other path saw nothing twice").isEqualTo(KEYS * PER_KEY);
            assertThat(open(sandbox, "again")).isEmpty();
            assertThat(list(sandbox, "again", "--all").get("letters")).hasSize(FAILING_KEYS * PER_KEY);

            JsonNode again =
                    sandbox.succeed("dlq", "replay", "again", "-o", "json").envelope();
            assertThat(again.get("result").get("replayed").asInt()).isZero();
            assertThat(callback.accepted()).hasSize(acceptedBefore + FAILING_KEYS * PER_KEY);

            JsonNode shown = sandbox.succeed("dlq", "show", "again", letters.getFirst(), "-o", "json")
                    .envelope()
                    .get("result");
            assertThat(shown.get("state").asString()).isEqualTo("REPLAYED");
            assertThat(shown.get("value").get("legacy_id").asString()).startsWith("A-");
            assertThat(shown.get("topic").asString()).isEqualTo(topic);
        }
    }

    @Test
    void goesOnWhereAKilledReplayStopped(Sandbox sandbox) throws Exception {
        final int atOnce = 4;
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 3);
        try (HttpStub callback = HttpStub.start();
                HttpStub archive = HttpStub.start()) {
            callback.script(refusing(_ -> true));
            FisoctlProcess run = sandbox.run(fanOut("killed", kafka, topic, callback, archive));
            kafka.produce(topic, events());
            awaitOpen(sandbox, "killed", KEYS * PER_KEY, run);
            callback.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(150)));

            FisoctlProcess replay = sandbox.start("dlq", "replay", "killed", "--parallelism", atOnce);
            Eventually.until(PATIENCE, () -> callback.accepted().size() >= KEYS, () -> "some at the sink" + replay);
            FisoctlProcess.kill("KILL", "-" + replay.pid());
            replay.awaitExit(PATIENCE);
            int left = open(sandbox, "killed").size();
            assertThat(left).as("letters after the kill").isBetween(1, KEYS * PER_KEY - 1);

            JsonNode second =
                    sandbox.succeed("dlq", "replay", "killed", "-o", "json").envelope();

            assertThat(second.get("result").get("replayed").asInt()).isEqualTo(left);
            List<HttpStub.Request> arrived = callback.accepted();
            Map<String, Long> byId =
                    arrived.stream().collect(Collectors.groupingBy(DeadLetterReplayIT::id, Collectors.counting()));
            assertThat(byId).as("nothing is lost").hasSize(KEYS * PER_KEY);
            assertThat(arrived.size() - byId.size())
                    .as("only what was in flight comes twice")
                    .isBetween(0, atOnce);
            Map<String, Set<Integer>> firsts = new HashMap<>();
            for (HttpStub.Request request : arrived) {
                Set<Integer> seen = firsts.computeIfAbsent(key(request), _ -> new TreeSet<>());
                if (seen.add(number(request))) {
                    assertThat(((TreeSet<Integer>) seen).last())
                            .as("first arrivals in order")
                            .isEqualTo(number(request));
                }
            }
            assertThat(archive.count()).isEqualTo(KEYS * PER_KEY);

            JsonNode third =
                    sandbox.succeed("dlq", "replay", "killed", "-o", "json").envelope();
            assertThat(third.get("result").get("replayed").asInt()).isZero();
            assertThat(callback.accepted()).hasSize(arrived.size());
        }
    }

    @Test
    void replaysAStreamOfLettersThroughAMendedProcessorToAllBehindIt(Sandbox sandbox) throws Exception {
        Path input = sandbox.write("orders.jsonl", "");
        try (HttpStub left = HttpStub.start();
                HttpStub right = HttpStub.start();
                HttpStub archive = HttpStub.start()) {
            FisoctlProcess broken =
                    sandbox.run(shaped("mended", "data.price * data.quantity", input, left, right, archive));
            StringBuilder lines = new StringBuilder();
            for (int n = 0; n < 6; n++) {
                String price = n % 2 == 0 ? "2.5" : "\"free\"";
                lines.append(
                        "{\"legacy_id\": \"A-%d\", \"n\": %d, \"price\": %s, \"quantity\": 2, \"customer\": \"c\"}\n"
                                .formatted(n, n, price));
            }
            Files.writeString(input, lines);
            awaitOpen(sandbox, "mended", 3, broken);
            Eventually.until(PATIENCE, () -> archive.count() == 6 && left.count() == 3, () -> "the good ones" + broken);
            assertThat(list(sandbox, "mended").get("letters")).allSatisfy(letter -> {
                assertThat(letter.get("code").asString()).isEqualTo("TRANSFORM_FAILED");
                assertThat(letter.get("component").asString()).isEqualTo("shape");
                assertThat(letter.get("store").asString()).isEqualTo("stream default/mended/streams/fiso-dlq-mended");
            });
            FisoctlProcess closed = sandbox.succeed("pipelines", "stop", "mended");
            assertThat(closed.out()).contains("STOPPED");
            broken.awaitExit(PATIENCE);

            JsonNode notRunning =
                    sandbox.end(3, "dlq", "replay", "mended", "-o", "json").envelope();
            assertThat(notRunning.get("error").get("code").asString()).isEqualTo("pipeline.not_running");

            FisoctlProcess mended = sandbox.run(shaped("mended", "data.quantity", input, left, right, archive));
            mended.awaitText("ready after", PATIENCE);
            List<String> ids = List.copyOf(open(sandbox, "mended").keySet());
            sandbox.succeed("dlq", "discard", "mended", ids.getLast(), "--yes");
            JsonNode replay =
                    sandbox.succeed("dlq", "replay", "mended", "-o", "json").envelope();

            assertThat(replay.get("result").get("replayed").asInt()).isEqualTo(2);
            for (HttpStub sink : List.of(left, right)) {
                List<HttpStub.Request> more =
                        sink.accepted().subList(3, sink.accepted().size());
                assertThat(more)
                        .extracting(DeadLetterReplayIT::number)
                        .as("behind the processor" + mended)
                        .containsExactly(1, 3);
                assertThat(sink.accepted()).extracting(DeadLetterReplayIT::id).doesNotHaveDuplicates();
            }
            assertThat(archive.count()).as("beside the processor").isEqualTo(6);
            assertThat(ids(archive)).containsAllEntriesOf(ids(left));
            assertThat(open(sandbox, "mended")).isEmpty();
        }
    }

    @Test
    void saysWhatIsWrongWithARequest(Sandbox sandbox) throws Exception {
        sandbox.write("state/pipelines/idle/dead-letters/orders.jsonl", "");

        FisoctlProcess condition = sandbox.end(2, "dlq", "list", "idle", "--where", "attempts > 1 && cod == '503'");
        assertThat(condition.err())
                .contains(
                        "--where:1:17",
                        "\"cod\" is no variable",
                        "| attempts > 1 && cod == '503'",
                        "did you mean code?");
        assertThat(condition.err().lines()).anyMatch(line -> line.endsWith("|                 ^"));
        assertThat(sandbox.end(2, "dlq", "list", "idel").err()).contains("did you mean \"idle\"?");
        assertThat(sandbox.end(2, "dlq", "show", "idle", "abcdef").err()).contains("there is no");
        assertThat(sandbox.end(2, "dlq", "discard", "idle").err()).contains("--where or --all");
        assertThat(sandbox.end(3, "dlq", "list", "idle", "--brokers", "127.0.0.1:1", "--timeout", "2s")
                        .err())
                .contains("no broker answered at 127.0.0.1:1");
        assertThat(sandbox.succeed("dlq", "list", "idle").out()).contains("0 open dead letters");
    }

    // ---- pipelines -----------------------------------------------------------------------------------------------

    private static PipelineFile fanOut(
            String name, KafkaBroker kafka, String topic, HttpStub callback, HttpStub archive) {
        return PipelineFile.named(name)
                .source("orders", "kafka-source", KafkaDeliveryIT.source(kafka, topic, "earliest"))
                .sink("callback", "http-sink", "{url: \"" + callback.url() + "\"}", "orders")
                .sink("archive", "http-sink", "{url: \"" + archive.url() + "\"}", "orders")
                .errorHandling("{deadLetterTopic: dlq-" + topic + "}");
    }

    private static PipelineFile shaped(
            String name, String total, Path input, HttpStub left, HttpStub right, HttpStub archive) {
        return PipelineFile.named(name)
                .source("orders", "file-source", "{path: \"" + input + "\", follow: true, key: customer}")
                .processor("shape", "cel-processor", "{fields: {n: data.n, total: " + total + "}}", "orders")
                .sink("left", "http-sink", "{url: \"" + left.url() + "\"}", "shape")
                .sink("right", "http-sink", "{url: \"" + right.url() + "\"}", "shape")
                .sink("archive", "http-sink", "{url: \"" + archive.url() + "\"}", "orders");
    }

    // ---- events --------------------------------------------------------------------------------------------------

    /** Numbered through, key by key in turn. */
    private static List<Oracle.Issued> events() {
        List<Oracle.Issued> events = new ArrayList<>();
        for (int n = 0; n < KEYS * PER_KEY; n++) {
            events.add(new Oracle.Issued(n, "key-" + n % KEYS));
        }
        return events;
    }

    private static boolean failing(HttpStub.Request request) {
        return number(request) % KEYS < FAILING_KEYS;
    }

    private static HttpStub.Script refusing(Predicate<HttpStub.Request> which) {
        return request -> which.test(request) ? HttpStub.Answer.status(404) : HttpStub.Answer.OK;
    }

    private static int number(HttpStub.Request request) {
        return request.data().get("n").asInt();
    }

    private static String key(HttpStub.Request request) {
        return "key-" + number(request) % KEYS;
    }

    private static String id(HttpStub.Request request) {
        return request.event().get("id").asString();
    }

    private static Map<Integer, String> ids(HttpStub stub) {
        return stub.accepted().stream()
                .collect(Collectors.toMap(DeadLetterReplayIT::number, DeadLetterReplayIT::id, (a, _) -> a));
    }

    private static Map<String, List<Integer>> numbersByKey(List<HttpStub.Request> requests) {
        return requests.stream()
                .collect(Collectors.groupingBy(
                        DeadLetterReplayIT::key, Collectors.mapping(DeadLetterReplayIT::number, Collectors.toList())));
    }

    // ---- letters -------------------------------------------------------------------------------------------------

    private static JsonNode list(Sandbox sandbox, String pipeline, String... more) throws Exception {
        List<Object> words = new ArrayList<>(List.of("dlq", "list", pipeline, "-o", "json"));
        words.addAll(List.of(more));
        return sandbox.succeed(words.toArray()).envelope().get("result");
    }

    /** The open letters by id, the newest last. */
    private static Map<String, JsonNode> open(Sandbox sandbox, String pipeline) throws Exception {
        Map<String, JsonNode> letters = new LinkedHashMap<>();
        for (JsonNode letter : list(sandbox, pipeline).get("letters")) {
            letters.put(letter.get("id").asString(), letter);
        }
        return letters;
    }

    private static void awaitOpen(Sandbox sandbox, String pipeline, int count, FisoctlProcess run) throws Exception {
        sandbox.awaitState(pipeline, "RUNNING");
        int[] found = new int[1];
        Eventually.until(
                PATIENCE,
                () -> {
                    FisoctlProcess list = sandbox.start("dlq", "list", pipeline, "-o", "json");
                    // The topic comes with the first letter.
                    if (list.awaitExit(PATIENCE) == 0) {
                        found[0] = list.envelope().get("result").get("count").asInt();
                    }
                    return found[0] == count;
                },
                () -> count + " letters; there are " + found[0] + run + sandbox.logs());
    }
}
