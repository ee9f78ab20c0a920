// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.DeadLetterStream;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.proto.broker.v1.StreamSettings;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore.TooLargeException;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.OriginalRecord.Header;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters in a stream of a broker that is served. */
@Timeout(300)
class BrokerDeadLetterStoreTest {
    private static final DeadLetterStream LETTERS = DeadLetterStream.of("shop", "fiso-dlq-shop");
    private static final Instant FAILED_AT = Instant.parse("2026-01-31T10:00:00Z");

    @TempDir
    private Path directory;

    private BrokerServer broker;
    private BrokerAddress address;
    private BrokerDeadLetterStore store;
    private int asked;

    @BeforeEach
    void start() {
        broker = serve();
        store = new BrokerDeadLetterStore(LETTERS, this::address, directory.resolve("dead-letters"));
    }

    @AfterEach
    void end() {
        store.close();
        broker.close();
    }

    @Test
    void keepsTheRecordAsItWasReadWithWhatHappenedBesideIt() throws Exception {
        DeadLetter letter = new DeadLetter(
                record(
                        7,
                        "key",
                        "{\"n\": 7}",
                        new Header("tenant", bytes("blue")),
                        new Header("Fiso-Error-Code", bytes("of an earlier failure")),
                        new Header("tenant", bytes("green"))),
                "event-7",
                "order-7",
                "503",
                "no room",
                3,
                "left,right",
                FAILED_AT,
                "shop",
                "orders");

        store.write(List.of(letter));

        StreamRecord kept = read().getFirst();
        assertThat(kept.getKey()).isEqualTo(ByteString.copyFromUtf8("key"));
        assertThat(kept.getPayload()).isEqualTo(ByteString.copyFromUtf8("{\"n\": 7}"));
        assertThat(kept.getHeadersList())
                .extracting(header -> header.getName() + "=" + header.getValue().toStringUtf8())
                .containsExactly(
                        "tenant=blue",
                        "tenant=green",
                        "fiso-original-topic=orders.csv",
                        "fiso-original-partition=2",
                        "fiso-original-offset=7",
                        "fiso-original-timestamp=1000",
                        "fiso-error-code=503",
                        "fiso-error-message=no room",
                        "fiso-retry-count=2",
                        "fiso-failed-at=2026-01-31T10:00:00Z",
                        "fiso-failed-component=left,right",
                        "fiso-flow-name=shop",
                        "fiso-source-component=orders",
                        "fiso-event-id=event-7",
                        "fiso-correlation-id=order-7");
        Resource stream = resource();
        assertThat(stream.getDurability()).isEqualTo(Durability.DURABILITY_FSYNC);
        assertThat(stream.getStream().getPartitions()).isEqualTo(1);
        assertThat(DeadLetterStream.marked(directory.resolve("dead-letters"))).containsExactly(LETTERS);
    }

    @Test
    void tellsARecordWithoutValueFromOneThatIsEmpty() throws Exception {
        store.write(List.of(letter(record(1, null, null)), letter(record(2, "", ""))));

        StreamRecord none = read().getFirst();
        StreamRecord empty = read().getLast();
        assertThat(none.hasKey()).isFalse();
        assertThat(headers(none)).containsEntry("fiso-original-value", "none");
        assertThat(empty.hasKey()).isTrue();
        assertThat(headers(empty)).doesNotContainKey("fiso-original-value");
    }

    @Test
    void keepsLettersInOrderWhenTheBrokerIsStartedAgainElsewhere() throws Exception {
        store.write(letters(0, 3));
        int before = broker.grpcPort();
        broker.close();
        broker = serve();
        assertThat(broker.grpcPort()).isNotEqualTo(before);

        store.write(letters(3, 6));
        store.write(letters(6, 8));

        assertThat(read())
                .extracting(record -> record.getPayload().toStringUtf8())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7");
        assertThat(asked).as("once for each broker").isEqualTo(2);
    }

    @Test
    void throwsWhileTheBrokerIsAwayAndWritesWhenItIsBack() throws Exception {
        store.write(letters(0, 1));
        broker.close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> store.write(letters(1, 3)))
                    .isInstanceOfSatisfying(
                            BrokerFailure.class,
                            failure -> assertThat(failure.isTransient()).isTrue())
                    .hasMessageContaining("cannot be reached");
        }
        broker = serve();

        store.write(letters(1, 3));

        assertThat(read())
                .extracting(record -> record.getPayload().toStringUtf8())
                .containsExactly("0", "1", "2");
    }

    @Test
    void saysWhichLetterIsRefusedForGoodAndHasWrittenThoseBeforeIt() throws Exception {
        for (OriginalRecord large : List.of(
                record(1, "key", "x".repeat((4 << 20) + 1)),
                record(1, "key", "x".repeat(17 << 20)),
                record(1, "k".repeat((64 << 10) + 1), "small"),
                record(1, "key", "small", new Header("h", new byte[64 << 10])),
                record(1, "key", "small", new Header("", bytes("no name"))))) {
            List<DeadLetter> letters =
                    List.of(letter(record(0, "key", "before")), letter(large), letter(record(2, "key", "behind")));

            TooLargeException refusal = catchThrowableOfType(TooLargeException.class, () -> store.write(letters));

            assertThat(refusal.index()).isEqualTo(1);
            assertThat(read())
                    .extracting(record -> record.getPayload().toStringUtf8())
                    .containsExactly("before");
            delete();
        }
    }

    @Test
    void writesAsMuchAsIsHandedOver() throws Exception {
        List<DeadLetter> letters = IntStream.range(0, 12)
                .mapToObj(n -> letter(record(n, "key", "x".repeat(3 << 20))))
                .toList();

        store.write(letters);

        assertThat(read(12))
                .extracting(record -> headers(record).get("fiso-original-offset"))
                .containsExactlyElementsOf(
                        IntStream.range(0, 12).mapToObj(Integer::toString).toList());
    }

    @Test
    void cutsWhatIsSaidSoThatAPointerAlwaysFits() throws Exception {
        String endless = "ä".repeat(1 << 20);
        DeadLetter letter = new DeadLetter(
                record(1, null, null, new Header("fiso-spill-file", bytes("/tmp/spilled.jsonl"))),
                endless,
                endless,
                "503",
                endless,
                1,
                endless,
                FAILED_AT,
                "shop",
                "orders");

        store.write(List.of(letter));

        String message = headers(read().getFirst()).get("fiso-error-message");
        assertThat(message).startsWith("ää").endsWith("ä…").doesNotContain("\uFFFD");
    }

    @Test
    void takesAStreamAsItIsIfThereIsOne() throws Exception {
        try (BrokerConnection connection = BrokerConnection.to(address)) {
            connection
                    .resources()
                    .createResource(CreateResourceRequest.newBuilder()
                            .setResource(Resource.newBuilder()
                                    .setName(LETTERS.stream())
                                    .setDurability(Durability.DURABILITY_OS)
                                    .setStream(StreamSettings.newBuilder().setPartitions(4)))
                            .build());
        }

        store.write(letters(0, 2));

        assertThat(resource().getStream().getPartitions()).isEqualTo(4);
    }

    @Test
    void asksForABrokerWhenThereIsALetterAndTakesAFileIfThereIsNone() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        int[] times = new int[1];
        BrokerDeadLetterStore none = new BrokerDeadLetterStore(
                LETTERS,
                () -> {
                    times[0]++;
                    throw new IOException("this run has no broker");
                },
                directory.resolve("dead-letters"));
        try (DefaultDeadLetterStore chosen = new DefaultDeadLetterStore(none, new FileDeadLetterStore(file))) {
            assertThat(times[0]).isZero();
            chosen.write(letters(0, 1));
            chosen.write(letters(1, 2));

            assertThat(times[0]).isEqualTo(1);
            assertThat(chosen.description()).isEqualTo("file " + file);
            assertThat(Files.readAllLines(file)).hasSize(2);
            assertThat(directory.resolve("dead-letters")).doesNotExist();
        }
    }

    @Test
    void waitsForABrokerThatCannotBeStartedJustNow() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        boolean[] started = new boolean[1];
        BrokerDeadLetterStore slow = new BrokerDeadLetterStore(
                LETTERS,
                () -> {
                    if (!started[0]) {
                        throw new IOException("the broker does not start", Status.UNAVAILABLE.asRuntimeException());
                    }
                    return address();
                },
                directory.resolve("dead-letters"));
        try (DefaultDeadLetterStore chosen = new DefaultDeadLetterStore(slow, new FileDeadLetterStore(file))) {
            assertThatThrownBy(() -> chosen.write(letters(0, 1))).hasMessageContaining("does not start");
            started[0] = true;

            chosen.write(letters(0, 1));

            assertThat(read()).hasSize(1);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void staysWithTheBrokerOnceItHasOne() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        boolean[] gone = new boolean[1];
        BrokerDeadLetterStore first = new BrokerDeadLetterStore(
                LETTERS,
                () -> {
                    if (gone[0]) {
                        throw new IOException("the broker does not start");
                    }
                    return address();
                },
                directory.resolve("dead-letters"));
        try (DefaultDeadLetterStore chosen = new DefaultDeadLetterStore(first, new FileDeadLetterStore(file))) {
            chosen.write(letters(0, 1));
            gone[0] = true;
            broker.close();

            assertThatThrownBy(() -> chosen.write(letters(1, 2))).hasMessageContaining("does not start");
            assertThat(chosen.description()).isEqualTo("stream default/shop/streams/fiso-dlq-shop");
            assertThat(file).doesNotExist();
        }
    }

    private BrokerServer serve() {
        BrokerServer served = BrokerServer.start(
                BrokerSettings.of(directory.resolve("broker"), 0, 0),
                Clock.systemUTC(),
                new Primitives(Clock.systemUTC()));
        address = new BrokerAddress("127.0.0.1", served.grpcPort(), Objects.requireNonNull(served.ownToken()));
        return served;
    }

    /** Of the last one, whether it runs or not. */
    private BrokerAddress address() {
        asked++;
        return address;
    }

    private List<StreamRecord> read() {
        return read(1_000);
    }

    private List<StreamRecord> read(int max) {
        try (BrokerConnection connection = BrokerConnection.to(address)) {
            List<StreamRecord> records = new ArrayList<>();
            ReadRequest.Builder request = ReadRequest.newBuilder().setStream(LETTERS.stream());
            while (records.size() < max) {
                var answer = connection.streams().read(request.build());
                if (answer.getRecordsCount() == 0) {
                    break;
                }
                records.addAll(answer.getRecordsList());
                request.setOffset(answer.getNextOffset());
            }
            return records;
        }
    }

    private Resource resource() {
        try (BrokerConnection connection = BrokerConnection.to(address)) {
            return connection
                    .resources()
                    .getResource(GetResourceRequest.newBuilder()
                            .setName(LETTERS.stream())
                            .build())
                    .getResource();
        }
    }

    private void delete() {
        try (BrokerConnection connection = BrokerConnection.to(address)) {
            connection
                    .resources()
                    .deleteResource(DeleteResourceRequest.newBuilder()
                            .setName(LETTERS.stream())
                            .build());
        }
    }

    private static Map<String, String> headers(StreamRecord record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (RecordHeader header : record.getHeadersList()) {
            headers.put(header.getName(), header.getValue().toStringUtf8());
        }
        return headers;
    }

    private static List<DeadLetter> letters(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(n -> letter(record(n, "key", Integer.toString(n))))
                .toList();
    }

    private static DeadLetter letter(OriginalRecord original) {
        return new DeadLetter(original, "event", "", "404", "gone", 1, "sink", FAILED_AT, "shop", "orders");
    }

    private static OriginalRecord record(long offset, @Nullable String key, @Nullable String value, Header... headers) {
        return new Read(offset, key, value, List.of(headers));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private record Read(
            long offset, @Nullable String text, @Nullable String content, List<Header> headers)
            implements OriginalRecord {
        @Override
        public String origin() {
            return "orders.csv";
        }

        @Override
        public int partition() {
            return 2;
        }

        @Override
        public long timestampMillis() {
            return 1_000;
        }

        @Override
        public byte @Nullable [] key() {
            return text == null ? null : bytes(text);
        }

        @Override
        public byte @Nullable [] value() {
            return content == null ? null : bytes(content);
        }
    }
}
