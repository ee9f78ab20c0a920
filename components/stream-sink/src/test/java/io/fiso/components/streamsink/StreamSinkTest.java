// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloudevents.CloudEvent;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.event.WireEventBuilder;
import io.fiso.sdk.message.EventWriter.Mode;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StreamSinkTest {
    private static final String STREAM = "default/shop/streams/orders";

    @TempDir
    Path directory;

    private final Map<Integer, DeliveryException> failures = new HashMap<>();
    private final StreamSink sink = new StreamSink();
    private LocalBroker broker;
    private PipelineDouble pipeline;

    @BeforeEach
    void start() {
        broker = LocalBroker.start(directory.resolve("broker"));
    }

    @AfterEach
    void stop() {
        sink.close();
        broker.close();
    }

    @Test
    void writesPayloadKeyAndHeaders() throws Exception {
        open(config(null, null, null));
        deliver(event("A-1", "{\"n\": 1.10}")
                .attribute("correlationid", "c-1")
                .attribute("kafkaheaders", "tenant=a%26b&tenant=2")
                .build());

        StreamRecord record = records().getFirst();
        assertThat(record.getKey().toString(UTF_8)).isEqualTo("key");
        assertThat(record.getPayload().toString(UTF_8)).isEqualTo("{\"n\": 1.10}");
        assertThat(headers(record))
                .contains(
                        "ce_id=A-1",
                        "ce_type=order",
                        "fiso-event-id=A-1",
                        "fiso-correlation-id=c-1",
                        "tenant=a&b",
                        "tenant=2");
    }

    @Test
    void writesTheWholeEventInStructuredMode() throws Exception {
        open(config(null, null, Mode.STRUCTURED));
        WireEvent event = event("A-1", "{\"n\":1}").build();
        deliver(event);

        StreamRecord record = records().getFirst();
        WireEvent read = JsonFormat.decode(record.getPayload().toByteArray());
        assertThat(read.getId()).isEqualTo("A-1");
        assertThat(read.dataBytes()).isEqualTo(event.dataBytes());
        assertThat(headers(record)).contains("content-type=" + JsonFormat.CONTENT_TYPE);
    }

    @Test
    void failsForAWhileWhenTheBrokerIsGoneAndGoesOnWhereItIsThen() throws Exception {
        open(config(null, null, null));
        deliver(event("A-1", "1").build());
        broker.stop();

        DeliveryException gone = catchThrowableOfType(
                DeliveryException.class, () -> deliver(event("A-2", "2").build()));
        assertThat(gone.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(gone).hasMessageContaining(STREAM).hasMessageContaining("cannot be reached");

        broker.start();
        pipeline.withBroker(broker.address());
        deliver(event("A-2", "2").build(), event("A-3", "3").build());
        assertThat(records().stream().map(record -> record.getPayload().toString(UTF_8)))
                .containsExactly("1", "2", "3");
    }

    @Test
    void waitsOutABrokerThatIsStartedAgain() throws Exception {
        open(config(null, null, null));
        deliver(event("A-1", "1").build());
        broker.stop();
        Thread restart = Thread.ofPlatform().unstarted(() -> {
            broker.start();
            pipeline.withBroker(broker.address());
        });

        // Whenever it comes: the connection that there is leads to the port of the one before.
        restart.start();
        deliver(event("A-2", "2").build());

        restart.join();
        assertThat(failures).isEmpty();
        assertThat(records().stream().map(record -> record.getPayload().toString(UTF_8)))
                .containsExactly("1", "2");
    }

    @Test
    void reportsWhatIsTooLargeAndDeliversTheOthers() throws Exception {
        open(config(null, null, null));
        String huge = "\"" + "x".repeat(4 << 20) + "\"";
        deliver(
                List.of("a", "b", "c"),
                event("A-1", "1").build(),
                event("A-2", huge).build(),
                event("A-3", "3").build());

        assertThat(failures.keySet()).containsExactly(1);
        assertThat(failures.get(1).kind()).isEqualTo(Kind.PERMANENT);
        assertThat(failures.get(1).code()).isEqualTo("EVENT_TOO_LARGE");
        assertThat(records()).hasSize(2);
    }

    @Test
    void deliversNothingOfABatchInWhichAnEventWaitsForOneThatIsTooLarge() throws Exception {
        open(config(null, null, null));
        String huge = "\"" + "x".repeat(4 << 20) + "\"";
        DeliveryException refused = catchThrowableOfType(
                DeliveryException.class,
                () -> deliver(event("A-1", huge).build(), event("A-2", "2").build()));

        assertThat(refused.code()).isEqualTo("EVENT_TOO_LARGE");
        deliver(event("A-2", "2").build());
        assertThat(records()).hasSize(1);
    }

    @Test
    void splitsABatchThatIsLargerThanAnAppend() throws Exception {
        open(config(null, null, null));
        CloudEvent[] events = new CloudEvent[6];
        for (int i = 0; i < events.length; i++) {
            events[i] = event("A-" + i, "\"" + i + "x".repeat(3 << 20) + "\"").build();
        }
        deliver(events);

        long offset = 0;
        for (int i = 0; i < events.length; i++) {
            StreamRecord record = read(offset++).getFirst();
            assertThat(record.getPayload().substring(1, 2).toString(UTF_8)).isEqualTo("" + i);
        }
    }

    @Test
    void makesTheStreamUnlessItMustNotAndUsesTheOneThatIsThere() throws Exception {
        open(config(false, null, null));
        DeliveryException missing = catchThrowableOfType(
                DeliveryException.class, () -> deliver(event("A-1", "1").build()));
        assertThat(missing.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(missing).hasMessageContaining("create: true");
        sink.close();

        open(config(null, 3, null));
        deliver(event("A-1", "1").build());
        sink.close();
        open(config(null, 5, null));
        deliver(event("A-2", "2").build());
        assertThat(broker.connection()
                        .resources()
                        .getResource(
                                GetResourceRequest.newBuilder().setName(STREAM).build())
                        .getResource()
                        .getStream()
                        .getPartitions())
                .isEqualTo(3);
    }

    @Test
    void refusesAConfigThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamSinkConfig(null, null, null, null, null, null, null, null))
                .withMessageContaining("stream is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamSinkConfig("a b", null, null, null, null, null, null, null))
                .withMessageContaining("stream: \"a b\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamSinkConfig("a", "localhost:1", null, null, null, null, null, null))
                .withMessageContaining("belong together");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamSinkConfig("a", "localhost", "t", null, null, null, null, null))
                .withMessageContaining("host:port");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamSinkConfig("a", null, null, null, 257, null, null, null))
                .withMessageContaining("1 to 256");
    }

    private static StreamSinkConfig config(
            @Nullable Boolean create, @Nullable Integer partitions, @Nullable Mode mode) {
        return new StreamSinkConfig("shop/orders", null, null, create, partitions, null, mode, null);
    }

    private void open(StreamSinkConfig config) {
        pipeline = new PipelineDouble(config, directory, 0).withBroker(broker.address());
        sink.open(pipeline);
    }

    private void deliver(CloudEvent... events) throws Exception {
        deliver(java.util.Collections.nCopies(events.length, "key"), events);
    }

    private void deliver(List<String> keys, CloudEvent... events) throws Exception {
        sink.deliver(List.of(events), new Outcome() {
            @Override
            public void failed(int index, DeliveryException reason) {
                failures.put(index, reason);
            }

            @Override
            public byte[] orderKey(int index) {
                return keys.get(index).getBytes(UTF_8);
            }
        });
    }

    private static WireEventBuilder event(String id, String json) {
        return WireEvent.builder().id(id).source("/shop").type("order").json(json.getBytes(UTF_8));
    }

    private List<StreamRecord> records() {
        return read(0);
    }

    private List<StreamRecord> read(long offset) {
        return broker.connection()
                .streams()
                .read(ReadRequest.newBuilder()
                        .setStream(STREAM)
                        .setOffset(offset)
                        .build())
                .getRecordsList();
    }

    private static List<String> headers(StreamRecord record) {
        return record.getHeadersList().stream()
                .map(header -> header.getName() + "=" + header.getValue().toString(UTF_8))
                .toList();
    }
}
