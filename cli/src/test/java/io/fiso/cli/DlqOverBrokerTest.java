// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.DeadLetterStream;
import io.fiso.broker.client.RunningBroker;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.cli.letters.BrokerLetterStore;
import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.LetterStore;
import io.fiso.cli.letters.Letters;
import io.fiso.cli.letters.Note;
import io.fiso.cli.letters.Replay;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.stream.v1.Failure;
import io.fiso.proto.stream.v1.Fate;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.OriginalRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Dead letters in a stream of a broker that is served, beside those in files. */
@Timeout(300)
class DlqOverBrokerTest {
    private static final DeadLetterStream LETTERS = DeadLetterStream.of("shop", "fiso-dlq-shop");
    private static final Instant FAILED_AT = Instant.parse("2026-01-31T10:00:00Z");
    private static final Predicate<Letter> OPEN = letter -> !letter.state().resolved();
    private static final Replay.Outcome ARRIVED = new Replay.Outcome(Fate.FATE_DELIVERED, null);

    @TempDir
    private Path directory;

    private Path letters;
    private Path data;
    private BrokerServer broker;

    @BeforeEach
    void start() throws Exception {
        letters = directory.resolve("state/pipelines/shop/dead-letters");
        data = directory.resolve("state/broker");
        Files.createDirectories(letters);
        broker = serve();
        try (BrokerConnection connection = connect()) {
            connection
                    .resources()
                    .createResource(CreateResourceRequest.newBuilder()
                            .setResource(Resource.newBuilder().setName(LETTERS.stream()))
                            .build());
        }
        LETTERS.mark(letters);
    }

    @AfterEach
    void end() {
        broker.close();
    }

    @Test
    void listsLettersInFilesAndInTheBrokerTogether() throws Exception {
        Files.writeString(letters.resolve("orders.jsonl"), """
                {"eventId": "e-1", "headers": {"fiso-original-topic": "orders.csv", "fiso-error-code": "503", "fiso-failed-component": "sink",\
                 "fiso-failed-at": "2026-01-30T10:00:00Z"}, "partition": 0, "offset": 1, "timestamp": -1, "key": null, "value": "e30=", "originalHeaders": []}
                """);
        append(2, "a", "{\"total\": 5}", "404", FAILED_AT);

        List<JsonNode> found = list();

        assertThat(found)
                .extracting(letter -> letter.get("store").asString())
                .containsExactly(
                        "file " + letters.resolve("orders.jsonl"), "stream default/shop/streams/fiso-dlq-shop");
        assertThat(found).extracting(letter -> letter.get("code").asString()).containsExactly("503", "404");
        assertThat(list("--where", "data.total == 5"))
                .extracting(letter -> letter.get("code").asString())
                .containsExactly("404");
    }

    @Test
    void showsTheRecordOfALetterWithItsHeadersAndItsValue() throws Exception {
        append(2, "a", "{\"total\": 5}", "404", FAILED_AT);
        String id = list().getFirst().get("id").asString();

        JsonNode shown = run(0, "dlq", "show", "shop", id, "-o", "json").get("result");

        assertThat(shown.at("/value/total").asInt()).isEqualTo(5);
        assertThat(shown.get("key").asString()).isEqualTo("a");
        assertThat(shown.get("headers").toString()).contains("tenant", "blue").doesNotContain("fiso-");
        assertThat(shown.get("topic").asString()).isEqualTo("orders.csv");
        assertThat(shown.get("offset").asLong()).isEqualTo(2);
    }

    @Test
    void discardsLettersAndKnowsThatOverARestartOfTheBroker() throws Exception {
        append(1, "a", "{}", "404", FAILED_AT);
        append(2, "a", "{}", "503", FAILED_AT);

        run(0, "dlq", "discard", "shop", "--where", "code == '404'", "--yes", "-o", "json");
        broker.close();
        broker = serve();

        assertThat(list()).extracting(letter -> letter.get("code").asString()).containsExactly("503");
        assertThat(list("--all"))
                .extracting(letter -> letter.get("state").asString())
                .containsExactlyInAnyOrder("DISCARDED", "OPEN");
    }

    @Test
    void showsALetterThatWasStoredTwiceOnceAsTheLastOneSays() throws Exception {
        append(1, "a", "{}", "404", FAILED_AT);
        append(1, "a", "{}", "503", FAILED_AT.plusSeconds(60));

        assertThat(list()).extracting(letter -> letter.get("code").asString()).containsExactly("503");
        run(0, "dlq", "discard", "shop", "--all", "--yes", "-o", "json");

        assertThat(list()).isEmpty();
    }

    @Test
    void showsALetterOnceThatLiesInAFileAndInTheBroker() throws Exception {
        Files.writeString(letters.resolve("orders.jsonl"), """
                {"eventId": "e-1", "headers": {"fiso-original-topic": "orders.csv", "fiso-error-code": "503", "fiso-failed-component": "sink",\
                 "fiso-failed-at": "2026-01-30T10:00:00Z"}, "partition": 0, "offset": 1, "timestamp": -1, "key": null, "value": "e30=", "originalHeaders": []}
                """);
        append(1, "a", "{}", "404", FAILED_AT);

        assertThat(list()).extracting(letter -> letter.get("code").asString()).containsExactly("404");
        run(0, "dlq", "discard", "shop", "--all", "--yes", "-o", "json");

        assertThat(list()).isEmpty();
        assertThat(list("--all"))
                .extracting(letter -> letter.get("state").asString())
                .containsExactly("DISCARDED");
    }

    @Test
    void replaysInOrderAndNotesWhatArrivedAndWhatFailedAgain() throws Exception {
        append(3, "a", "{}", "404", FAILED_AT);
        append(1, "a", "{}", "404", FAILED_AT.plusSeconds(1));
        append(2, "b", null, "404", FAILED_AT.plusSeconds(2));
        List<Long> given = new ArrayList<>();

        Replay.Summary summary = replay((letter, original) -> {
            synchronized (given) {
                given.add(original.getOffset());
            }
            if (original.getOffset() == 2) {
                assertThat(original.hasValue()).isFalse();
                return new Replay.Outcome(
                        Fate.FATE_FAILED,
                        Failure.newBuilder()
                                .setCode("500")
                                .setMessage("again")
                                .setAttempts(4)
                                .build());
            }
            assertThat(original.getValue().toStringUtf8()).isEqualTo("{}");
            return ARRIVED;
        });

        assertThat(summary.replayed()).isEqualTo(2);
        assertThat(given).containsSubsequence(1L, 3L);
        List<JsonNode> left = list();
        assertThat(left).extracting(letter -> letter.get("code").asString()).containsExactly("500");
        assertThat(left.getFirst().get("state").asString()).isEqualTo("FAILED_AGAIN");
        assertThat(left.getFirst().get("attempts").asInt()).isEqualTo(4);
    }

    @Test
    void readsMoreThanFitsIntoOneAnswer() throws Exception {
        String large = "\"" + "x".repeat(3 << 20) + "\"";
        for (int n = 0; n < 5; n++) {
            append(n, "a", large, "404", FAILED_AT.plusSeconds(n));
        }

        assertThat(list("--limit", "1")).hasSize(1);
        try (BrokerConnection connection = connect();
                BrokerLetterStore store = store(connection)) {
            List<Letter> found = Letters.read(List.of(store), OPEN);
            assertThat(found).hasSize(5);
            for (Letter letter : found) {
                assertThat(store.load(letter.newest().place())
                                .original()
                                .getValue()
                                .size())
                        .isEqualTo(large.length());
            }
        }
    }

    @Test
    void letsNobodyElseReplayMeanwhile() throws Exception {
        append(1, "a", "{}", "404", FAILED_AT);
        try (BrokerConnection connection = connect();
                BrokerLetterStore mine = store(connection);
                BrokerLetterStore other = store(connection)) {
            mine.openNotes();

            assertThatThrownBy(other::openNotes)
                    .isInstanceOf(LetterStore.BusyException.class)
                    .hasMessageContaining("another fisoctl");
            assertThat(run(3, "dlq", "discard", "shop", "--all", "--yes", "-o", "json")
                            .at("/error/code")
                            .asString())
                    .isEqualTo("dlq.busy");
        }
    }

    @Test
    void looksOnlyIntoTheStreamThatIsNamed() throws Exception {
        append(1, "a", "{}", "404", FAILED_AT);

        assertThat(list("--topic", "fiso-dlq-shop")).hasSize(1);
        assertThat(list("--topic", "another")).isEmpty();
    }

    @Test
    void needsNoBrokerWhereNoLetterEverWentToOne() throws Exception {
        broker.close();
        Files.delete(data.resolve("running.json"));
        Files.delete(letters.resolve("fiso-dlq-shop.stream"));

        assertThat(list()).isEmpty();
    }

    @Test
    void saysThatTheBrokerIsWantedWhenItCannotBeStarted() throws Exception {
        broker.close();
        Files.delete(data.resolve("running.json"));

        JsonNode error = run(3, "dlq", "list", "shop", "-o", "json").get("error");

        assertThat(error.get("code").asString()).isEqualTo("broker.not_started");
    }

    private BrokerServer serve() throws Exception {
        BrokerServer served =
                BrokerServer.start(BrokerSettings.of(data, 0, 0), Clock.systemUTC(), new Primitives(Clock.systemUTC()));
        RunningBroker.here(served.grpcPort(), served.httpPort(), Objects.requireNonNull(served.ownToken()))
                .write(data);
        return served;
    }

    private BrokerConnection connect() {
        return BrokerConnection.to(RunningBroker.find(data).orElseThrow().address());
    }

    private BrokerLetterStore store(BrokerConnection connection) {
        return new BrokerLetterStore(connection, LETTERS, "shop", Duration.ofSeconds(60), letters);
    }

    private Replay.Summary replay(Replay.Way way) throws Exception {
        try (BrokerConnection connection = connect();
                BrokerLetterStore store = store(connection)) {
            store.openNotes();
            List<Letter> chosen = Letters.read(List.of(store), OPEN);
            assertThat(chosen).extracting(Letter::state).containsOnly(Note.State.OPEN);
            return new Replay(way, Clock.systemUTC(), 3, () -> false).run(chosen);
        }
    }

    private List<JsonNode> list(String... more) {
        List<String> words = new ArrayList<>(List.of("dlq", "list", "shop", "-o", "json"));
        words.addAll(List.of(more));
        List<JsonNode> found = new ArrayList<>();
        run(0, words.toArray(String[]::new)).at("/result/letters").forEach(found::add);
        return found;
    }

    private JsonNode run(int exit, String... words) {
        RecordedHost host = new RecordedHost(directory);
        assertThat(host.run(words)).as("%s%n%s", host.out(), host.err()).isEqualTo(exit);
        return new JsonMapper().readTree(host.out());
    }

    private void append(long offset, String key, @Nullable String value, String code, Instant failedAt) {
        DeadLetter letter = new DeadLetter(
                new Read(offset, key), "e-" + offset, "", code, "no", 1, "sink", failedAt, "shop", "orders");
        NewRecord.Builder record = NewRecord.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setPayload(ByteString.copyFromUtf8(value == null ? "" : value));
        Map<String, byte[]> headers = new LinkedHashMap<>();
        letter.recordHeaders().forEach(header -> headers.put(header.name(), header.value()));
        if (value == null) {
            headers.put("fiso-original-value", "none".getBytes(StandardCharsets.UTF_8));
        }
        headers.forEach((name, bytes) ->
                record.addHeaders(RecordHeader.newBuilder().setName(name).setValue(ByteString.copyFrom(bytes))));
        try (BrokerConnection connection = connect()) {
            connection
                    .streams()
                    .append(AppendRequest.newBuilder()
                            .setStream(LETTERS.stream())
                            .addRecords(record)
                            .build());
        }
    }

    private record Read(long offset, String text) implements OriginalRecord {
        @Override
        public String origin() {
            return "orders.csv";
        }

        @Override
        public int partition() {
            return 0;
        }

        @Override
        public long timestampMillis() {
            return -1;
        }

        @Override
        public byte[] key() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte @Nullable [] value() {
            return null;
        }

        @Override
        public List<Header> headers() {
            return List.of(new Header("tenant", "blue".getBytes(StandardCharsets.UTF_8)));
        }
    }
}
