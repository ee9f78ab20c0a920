// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The source against a real broker. */
@Timeout(300)
class StreamSourceTest {
    @TempDir
    Path directory;

    private final List<PipelineDouble> running = new ArrayList<>();
    private LocalBroker broker;

    @BeforeEach
    void startBroker() {
        broker = LocalBroker.start(directory.resolve("broker"));
    }

    @AfterEach
    void stop() throws Exception {
        for (PipelineDouble pipeline : running) {
            pipeline.crash();
        }
        broker.close();
    }

    @Test
    void makesEventsOfRecordsAndGivesThemTheSameIdsAgain() throws Exception {
        TestStream stream = TestStream.create(broker, 1);
        stream.append(
                0,
                TestStream.record("a", "{\"n\":1}").toBuilder()
                        .setTimestampMillis(1_700_000_000_000L)
                        .build(),
                NewRecord.newBuilder()
                        .addHeaders(header("ce_specversion", "1.0"))
                        .addHeaders(header("ce_id", "A-2"))
                        .addHeaders(header("ce_source", "/shop"))
                        .addHeaders(header("ce_type", "order"))
                        .setPayload(ByteString.copyFromUtf8("2"))
                        .build(),
                TestStream.record("a", "no json"));
        StreamSource source = new StreamSource();
        PipelineDouble pipeline = pipeline(config("earliest", null), 0);
        running.add(pipeline);
        pipeline.start(source).awaitEmitted(3);

        List<SourceEvent> emitted = pipeline.emitted();
        assertThat(event(emitted.get(0)).getTime().toInstant().toEpochMilli()).isEqualTo(1_700_000_000_000L);
        assertThat(event(emitted.get(0)).string("partitionkey")).isEqualTo("a");
        assertThat(emitted.get(0).orderKey()).isEqualTo("a".getBytes(UTF_8));
        assertThat(event(emitted.get(1)).getId()).isEqualTo("A-2");
        assertThat(emitted.get(1).orderKey()).isEqualTo((TestStream.NAME + "-0").getBytes(UTF_8));
        assertThat(emitted.get(2).failure().orElseThrow().code()).isEqualTo("CLOUDEVENT_WRAP_FAILED");
        OriginalRecord original = Objects.requireNonNull(emitted.get(0).original());
        assertThat(original.offset()).isZero();
        assertThat(event(source.restore(original)).getId())
                .isEqualTo(event(emitted.get(0)).getId());
    }

    @Test
    void commitsWhatIsSettledAndGoesOnThereWithItsLedger() throws Exception {
        TestStream stream = TestStream.create(broker, 2);
        stream.appendNumbered(0, 100);
        PipelineDouble first = start(config("earliest", null), 0);
        first.awaitEmitted(100);
        first.stop();
        assertThat(stream.committed()).isEqualTo(100);
        assertThat(stream.groups().getFirst().getGroup()).isEqualTo("fiso-flow-shop");
        assertThat(stream.groups().getFirst().getMembersList()).isEmpty();

        stream.appendNumbered(100, 20);
        PipelineDouble second = start(config("earliest", null), 0);
        second.awaitEmitted(20);
        second.stop();

        assertThat(numbers(second)).hasSize(20).allMatch(n -> n >= 100);
        assertThat(second.resumed()).isEqualTo(first.ledgers());
    }

    @Test
    void commitsNothingThatIsNotSettled() throws Exception {
        TestStream stream = TestStream.create(broker, 2);
        stream.appendNumbered(0, 50);
        PipelineDouble first = pipeline(config("earliest", null), 0).holdSettlement();
        first.start(new StreamSource()).awaitEmitted(50);
        first.crash();

        PipelineDouble second = start(config("earliest", null), 0);
        second.awaitEmitted(50);
        assertThat(ids(second)).isEqualTo(ids(first));
    }

    @Test
    void survivesABrokerThatComesBackOnAnotherPort() throws Exception {
        TestStream stream = TestStream.create(broker, 2);
        stream.appendNumbered(0, 100);
        PipelineDouble pipeline = pipeline(config("earliest", null), 0).holdSettlement();
        running.add(pipeline);
        pipeline.start(new StreamSource()).awaitEmitted(100);

        broker.stop();
        pipeline.awaitUntil(() -> pipeline.holding().contains("cannot be reached"), pipeline::holding);
        pipeline.settleEverything();
        broker.start();
        pipeline.withBroker(broker.address());
        stream.appendNumbered(100, 100);
        pipeline.awaitEmitted(200);
        await(() -> stream.committed() == 200);

        assertThat(numbers(pipeline)).hasSize(200);
        assertThat(pipeline.emitted()).hasSize(200);
        assertThat(pipeline.holding()).isEmpty();
        assertThat(pipeline.released()).isEmpty();
    }

    @Test
    void beginsWhereANewGroupIsToBegin() throws Exception {
        TestStream stream = TestStream.create(broker, 1);
        for (int n = 0; n < 5; n++) {
            stream.append(
                    0,
                    TestStream.record("a", "{\"n\":" + n + "}").toBuilder()
                            .setTimestampMillis(1_700_000_000_000L + n)
                            .build());
        }
        assertThat(numbers(readToEnd(3))).containsExactlyInAnyOrder(3, 4);
        assertThat(numbers(readToEnd(1_700_000_000_002L))).containsExactlyInAnyOrder(2, 3, 4);
        assertThat(numbers(readToEnd("latest"))).isEmpty();
        PipelineDouble past = pipeline(config(9, "end", "past"), 0);
        past.start(new StreamSource()).awaitEnd();
        assertThat(past.failure()).hasMessageContaining("offset 9").hasMessageContaining("past its end");
    }

    @Test
    void readsUpToATimeAndEnds() throws Exception {
        TestStream stream = TestStream.create(broker, 2);
        for (int n = 0; n < 10; n++) {
            stream.append(
                    n % 2,
                    TestStream.record("a", "{\"n\":" + n + "}").toBuilder()
                            .setTimestampMillis(1_700_000_000_000L + n)
                            .build());
        }
        PipelineDouble pipeline = pipeline(config("earliest", "1700000000006"), 0);
        pipeline.start(new StreamSource()).awaitEnd();
        assertThat(numbers(pipeline)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
    }

    @Test
    void holdsAPartitionThatThePipelineDoesNotTakeAndNoOther() throws Exception {
        TestStream stream = TestStream.create(broker, 2);
        PipelineDouble pipeline = pipeline(config("earliest", null), 0);
        pipeline.fill("0");
        running.add(pipeline);
        pipeline.start(new StreamSource());
        for (int n = 0; n < 12_000; n += 1_000) {
            NewRecord[] records = new NewRecord[1_000];
            java.util.Arrays.fill(records, TestStream.record("a", "{\"n\":" + n + "}"));
            stream.append(0, records);
            stream.append(1, records);
        }
        pipeline.awaitEmitted(12_000);
        pipeline.awaitUntil(() -> pipeline.lags().getOrDefault("0", 0L) == 12_000, () -> "lag " + pipeline.lags());
        assertThat(pipeline.emitted()).allMatch(event -> event.partition().equals("1"));

        pipeline.drain("0");
        pipeline.awaitEmitted(24_000);
        await(() -> stream.committed() == 24_000);
    }

    @Test
    void replicasShareThePartitionsAndTakeOverFromEachOther() throws Exception {
        TestStream stream = TestStream.create(broker, 4);
        PipelineDouble first = start(config("earliest", null), 0);
        await(() ->
                stream.groups().stream().anyMatch(group -> group.getMembers(0).getPartitionsCount() == 4));
        PipelineDouble second = start(config("earliest", null), 1);
        await(() -> stream.groups().stream()
                        .flatMap(group -> group.getMembersList().stream())
                        .allMatch(member -> member.getPartitionsCount() == 2)
                && stream.groups().getFirst().getMembersCount() == 2);
        first.awaitUntil(() -> first.released().size() == 2, () -> "two partitions released");
        stream.appendNumbered(0, 200);
        await(() -> stream.committed() == 200);
        assertThat(first.emitted()).isNotEmpty();
        assertThat(second.emitted()).isNotEmpty();
        assertThat(first.emitted().size() + second.emitted().size()).isEqualTo(200);

        first.stop();
        stream.appendNumbered(200, 100);
        await(() -> stream.committed() == 300);
        Set<Integer> all = new HashSet<>(numbers(first));
        all.addAll(numbers(second));
        assertThat(all).hasSize(300);
    }

    @Test
    void waitsForAStreamThatItMayNotMakeAndReadsItFromItsBeginning() throws Exception {
        PipelineDouble pipeline = pipeline(
                new StreamSourceConfig(
                        "shop/orders", null, null, false, null, null, null, "latest", null, null, null, null),
                0);
        running.add(pipeline);
        pipeline.start(new StreamSource());
        pipeline.awaitUntil(() -> pipeline.holding().contains("does not exist"), pipeline::holding);

        TestStream.create(broker, 2).appendNumbered(0, 30);
        pipeline.awaitEmitted(30);
        assertThat(pipeline.holding()).isEmpty();
    }

    @Test
    void readsAStreamThatIsMadeAnewFromItsBeginning() throws Exception {
        TestStream stream = TestStream.create(broker, 1);
        PipelineDouble pipeline = start(config("latest", null), 0);
        await(() -> !stream.groups().isEmpty());
        stream.appendNumbered(0, 10);
        pipeline.awaitEmitted(10);

        stream.delete();
        pipeline.awaitUntil(() -> !pipeline.released().isEmpty(), () -> "the partition is released");
        await(() -> exists(stream));
        stream.appendNumbered(100, 10);
        pipeline.awaitEmitted(20);
        assertThat(ids(pipeline)).doesNotHaveDuplicates();
    }

    @Test
    void endsWhereItsStreamEndsOnceNothingMoreComesIntoIt() throws Exception {
        TestStream stream = TestStream.create(broker, 3);
        stream.appendNumbered(0, 100);
        PipelineDouble pipeline = start(config("earliest", null), 0).holdSettlement();
        pipeline.awaitEmitted(100);
        stream.appendNumbered(100, 50);

        pipeline.finish();
        pipeline.awaitEmitted(150);
        assertThat(stream.committed()).as("what is not settled does not count").isLessThan(150);
        pipeline.settleEverything();

        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(stream.committed()).isEqualTo(150);
    }

    @Test
    void endsAtOnceIfNothingEverCameIntoItsStream() throws Exception {
        PipelineDouble pipeline = start(config("earliest", null), 0);

        pipeline.finish().awaitEnd();

        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted()).isEmpty();
    }

    @Test
    void makesAStreamThatKeepsItsRecordsUntilTheyAreConsumed() throws Exception {
        PipelineDouble pipeline = pipeline(
                new StreamSourceConfig(
                        "shop/orders", null, null, null, 2, null, null, "earliest", null, null, null, true),
                0);

        pipeline.finish();
        pipeline.start(new StreamSource()).awaitEnd();

        assertThat(pipeline.failure()).isNull();
        assertThat(broker.connection()
                        .resources()
                        .getResource(GetResourceRequest.newBuilder()
                                .setName(TestStream.NAME)
                                .build())
                        .getResource()
                        .getStream()
                        .getRetention()
                        .getUntilConsumed())
                .isTrue();
    }

    @Test
    void saysWhyItHasNoBroker() throws Exception {
        PipelineDouble pipeline = new PipelineDouble(config("latest", null), directory.resolve("state"), 0);
        running.add(pipeline);
        pipeline.start(new StreamSource());
        pipeline.awaitUntil(() -> pipeline.holding().contains("no broker"), pipeline::holding);
    }

    private static boolean exists(TestStream stream) {
        try {
            return stream.groups().size() == 1;
        } catch (io.grpc.StatusRuntimeException _) {
            return false;
        }
    }

    private PipelineDouble readToEnd(Object startOffset) throws Exception {
        PipelineDouble pipeline = pipeline(config(startOffset, "end", "from-" + startOffset), 0);
        pipeline.start(new StreamSource()).awaitEnd();
        assertThat(pipeline.failure()).isNull();
        return pipeline;
    }

    private PipelineDouble start(StreamSourceConfig config, int replica) throws Exception {
        PipelineDouble pipeline = pipeline(config, replica);
        running.add(pipeline);
        return pipeline.start(new StreamSource());
    }

    private PipelineDouble pipeline(StreamSourceConfig config, int replica) {
        return new PipelineDouble(config, directory.resolve("state-" + replica), replica).withBroker(broker.address());
    }

    private static StreamSourceConfig config(Object startOffset, @Nullable Object until) {
        return config(startOffset, until, null);
    }

    private static StreamSourceConfig config(Object startOffset, @Nullable Object until, @Nullable String group) {
        return new StreamSourceConfig(
                "shop/orders", null, null, null, null, null, group, startOffset, until, null, null, null);
    }

    private static RecordHeader header(String name, String value) {
        return RecordHeader.newBuilder()
                .setName(name)
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        io.fiso.testkit.ComponentHarness.await("a condition of the broker", condition, () -> "not yet");
    }

    private static List<String> ids(PipelineDouble pipeline) {
        return pipeline.emitted().stream()
                .map(emitted -> event(emitted).getId())
                .sorted()
                .toList();
    }

    private static Set<Integer> numbers(PipelineDouble pipeline) {
        Set<Integer> numbers = new HashSet<>();
        pipeline.emitted()
                .forEach(emitted -> numbers.add(
                        Integer.parseInt(new String(event(emitted).dataBytes(), UTF_8).replaceAll("[^0-9]", ""))));
        return numbers;
    }

    private static WireEvent event(SourceEvent emitted) {
        return WireEvent.from(Objects.requireNonNull(emitted.event()));
    }
}
