// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cloudevents.CloudEvent;
import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.stream.v1.Accepted;
import io.fiso.proto.stream.v1.Batch;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.Continuation;
import io.fiso.proto.stream.v1.Credit;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.EndOfStream;
import io.fiso.proto.stream.v1.EventStreamGrpc;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.Open;
import io.fiso.proto.stream.v1.Record;
import io.fiso.proto.stream.v1.Settle;
import io.fiso.proto.stream.v1.StopRequest;
import io.fiso.proto.stream.v1.SubscribeMode;
import io.fiso.proto.stream.v1.SubscribeRequest;
import io.fiso.proto.stream.v1.SubscribeResponse;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Components against peers that are built on the generated classes, as components in other languages are. */
@Timeout(300)
class ComponentOverTheWireTest {
    @TempDir
    private Path directory;

    @Test
    void refusesACallWithoutTheTokenAndSaysWhatToSend() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "in->pass")) {
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ManagedChannel channel = channel(processor.address());
            try {
                LifecycleGrpc.LifecycleBlockingStub anonymous = LifecycleGrpc.newBlockingStub(channel);
                LifecycleGrpc.LifecycleBlockingStub impostor =
                        anonymous.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token("wrong")));

                assertThatThrownBy(() -> anonymous.describe(DescribeRequest.getDefaultInstance()))
                        .isInstanceOf(StatusRuntimeException.class)
                        .hasMessageContaining("UNAUTHENTICATED")
                        .hasMessageContaining("authorization: Bearer");
                assertThatThrownBy(() -> impostor.describe(DescribeRequest.getDefaultInstance()))
                        .hasMessageContaining("wrong token");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void feedsASubscriberOfTheGeneratedStubs() throws Exception {
        Queue<Record> received = new ConcurrentLinkedQueue<>();
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->stranger")) {
            harness.start("numbers", ten(), "{}");
            ComponentHarness.await("registered", () -> harness.controlPlane().isRegistered("numbers"), () -> "not");
            ManagedChannel channel = channel(harness.controlPlane().addressOf("numbers"));
            try {
                Subscriber subscriber = new Subscriber(received, channel);
                ComponentHarness.await("ten records and the end", () -> subscriber.ended, () -> received);

                assertThat(received).hasSize(10);
                assertThat(received.stream().map(record -> record.getEvent().getId()))
                        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
                assertThat(received)
                        .allMatch(record -> record.getOrderKey().toStringUtf8().equals("k"));
                ComponentHarness.await(
                        "the source is done",
                        () -> harness.runtime("numbers").phase() == ComponentPhase.COMPONENT_PHASE_DONE,
                        () -> harness.runtime("numbers").phase());
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void getsTheBrokerOfItsRunWhenItOpensAndLaterAnother() throws Exception {
        Queue<BrokerAddress> found = new ConcurrentLinkedQueue<>();
        CountDownLatch moved = new CountDownLatch(1);
        EventSource source = new EventSource() {
            @Override
            public void open(SourceContext context) throws Exception {
                found.add(context.broker());
            }

            @Override
            public void run(SourceContext context) throws Exception {
                moved.await();
                found.add(context.broker());
            }
        };
        BrokerAddress first = new BrokerAddress("127.0.0.1", 8090, "token");
        BrokerAddress second = new BrokerAddress("127.0.0.1", 40_001, "token");
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->stranger")) {
            harness.controlPlane().broker(first);
            harness.start("numbers", source, "{}");
            ComponentHarness.await("the first", () -> found.contains(first), () -> found);
            harness.controlPlane().broker(second);
            moved.countDown();

            ComponentHarness.await("the second", () -> found.contains(second), () -> found);
            assertThat(found).containsExactly(first, second);
        }
    }

    @Test
    void endsWithWhatTheControlPlaneSaysWhenThereIsNoBroker() throws Exception {
        EventSource source = new EventSource() {
            @Override
            public void open(SourceContext context) throws Exception {
                context.broker();
            }

            @Override
            public void run(SourceContext context) {}
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->stranger")) {
            ComponentRuntime runtime = harness.start("numbers", source, "{}");

            assertThat(runtime.awaitEnd().reason()).contains("this run has no broker");
        }
    }

    @Test
    void takesEventsFromAnEmitterOfTheGeneratedStubs() throws Exception {
        Queue<CloudEvent> seen = new ConcurrentLinkedQueue<>();
        Emitting emitter = new Emitting();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(emitter)
                .build()
                .start();
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", ten(), "{}");
            ComponentHarness.await("registered", () -> harness.controlPlane().isRegistered("numbers"), () -> "not");
            harness.controlPlane().detour("numbers", "127.0.0.1:" + server.getPort());
            BatchEventSink sink = (events, outcome) -> seen.addAll(List.copyOf(events));
            ComponentRuntime runtime = harness.start("out", sink, "{}");

            ComponentHarness.await("all are settled", () -> emitter.settledUpTo.get() == 3, emitter.settledUpTo::get);
            ComponentHarness.await(
                    "the sink is done", () -> runtime.phase() == ComponentPhase.COMPONENT_PHASE_DONE, runtime::phase);

            assertThat(seen.stream().map(CloudEvent::getId)).containsExactly("a", "b", "c");
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void endsWithEveryProblemOfItsConfig() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "in->pass")) {
            ComponentRuntime processor = harness.start(
                    "pass", new Configured(), "{\"timout\": \"5s\", \"size\": \"big\", \"pause\": \"soon\"}");

            ComponentRuntime.Exit exit = processor.awaitEnd();

            assertThat(exit.status()).isEqualTo(2);
            assertThat(exit.reason())
                    .contains("config.timout: unknown key; did you mean 'timeout'?")
                    .contains("config.size: found 'big', expected a number")
                    .contains("config.pause: 'soon' is no duration");
        }
    }

    @Test
    void registersAgainWhenTheControlPlaneForgotItAndExitsWhenFenced() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "in->pass")) {
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentHarness.await("registered", () -> harness.controlPlane().isRegistered("pass"), () -> "not");
            harness.controlPlane().answerHeartbeats(Status.NOT_FOUND);
            int before = harness.controlPlane().heartbeats();
            ComponentHarness.await(
                    "more heartbeats", () -> harness.controlPlane().heartbeats() > before + 1, () -> before);
            assertThat(processor.awaitEnd(java.time.Duration.ZERO)).isFalse();

            harness.controlPlane().answerHeartbeats(Status.FAILED_PRECONDITION.withDescription("replaced"));

            assertThat(processor.awaitEnd().reason()).contains("replaced");
        }
    }

    @Test
    void answersOverHttpAndStopsWhenTold() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "in->pass");
                HttpClient http = HttpClient.newHttpClient()) {
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentHarness.await(
                    "running", () -> processor.phase() == ComponentPhase.COMPONENT_PHASE_RUNNING, processor::phase);

            assertThat(get(http, processor, "/healthz")).isEqualTo("ok\n");
            assertThat(get(http, processor, "/readyz")).isEqualTo("ok\n");
            assertThat(get(http, processor, "/metrics"))
                    .contains("fiso_flow_events_total{flow=\"test-pipeline\",status=\"delivered\"}");

            ManagedChannel channel = channel(processor.address());
            LifecycleGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token(ComponentHarness.TOKEN)))
                    .stop(StopRequest.getDefaultInstance());
            channel.shutdownNow();
            assertThat(processor.awaitEnd()).isEqualTo(new ComponentRuntime.Exit(0, "told to stop: drained"));
        }
    }

    private static String get(HttpClient http, ComponentRuntime component, String path) throws Exception {
        URI uri = URI.create("http://" + component.httpAddress() + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static EventSource ten() {
        return context -> {
            for (int n = 0; n < 10; n++) {
                WireEvent event = WireEvent.builder()
                        .id(Integer.toString(n))
                        .source("/ten")
                        .type("number")
                        .json(new byte[] {'1'})
                        .build();
                context.emit(SourceEvent.of(event, "p", n, new byte[] {'k'}, null));
            }
        };
    }

    private static ManagedChannel channel(String address) {
        int colon = address.lastIndexOf(':');
        return NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .build();
    }

    private static Metadata token(String token) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return metadata;
    }

    private static final class PassThrough implements EventProcessor {
        @Override
        public void process(CloudEvent event, Emitter out) {
            out.emit(event);
        }
    }

    private static final class Configured implements EventProcessor {
        record Config(java.time.Duration timeout, int size, java.time.Duration pause) {}

        @Override
        public void open(ComponentContext context) {
            context.config(Config.class);
        }

        @Override
        public void process(CloudEvent event, Emitter out) {
            out.emit(event);
        }
    }

    /** Subscribes with the generated stubs, settles what it gets, and dials again while it is not wired. */
    private static final class Subscriber implements StreamObserver<SubscribeResponse> {
        private final Queue<Record> received;
        private final EventStreamGrpc.EventStreamStub stub;
        private StreamObserver<SubscribeRequest> up;
        private volatile boolean ended;

        Subscriber(Queue<Record> received, ManagedChannel channel) {
            this.received = received;
            this.stub = EventStreamGrpc.newStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token(ComponentHarness.TOKEN)));
            open();
        }

        private void open() {
            up = stub.subscribe(this);
            up.onNext(SubscribeRequest.newBuilder()
                    .setOpen(Open.newBuilder()
                            .setRun("run-1")
                            .setEdge("numbers->stranger")
                            .setSubscriber("stranger")
                            .setInstance("i-1")
                            .setGeneration(100)
                            .setMode(SubscribeMode.SUBSCRIBE_MODE_SETTLE))
                    .build());
        }

        @Override
        public void onNext(SubscribeResponse response) {
            switch (response.getMessageCase()) {
                case ACCEPTED ->
                    up.onNext(SubscribeRequest.newBuilder()
                            .setCredit(Credit.newBuilder().setEvents(100).setBytes(1 << 20))
                            .build());
                case BATCH -> {
                    received.addAll(response.getBatch().getRecordsList());
                    long upTo = response.getBatch().getFirstSequence()
                            + response.getBatch().getRecordsCount()
                            - 1;
                    up.onNext(SubscribeRequest.newBuilder()
                            .setSettle(Settle.newBuilder()
                                    .setUpTo(upTo)
                                    .setTotals(io.fiso.proto.stream.v1.FateCounts.newBuilder()
                                            .setDelivered(upTo)))
                            .build());
                }
                case END_OF_STREAM -> ended = true;
                default -> {}
            }
        }

        @Override
        public void onError(Throwable reason) {}

        @Override
        public void onCompleted() {
            if (!ended) {
                open();
            }
        }
    }

    /** Serves three events with the generated stubs. */
    private static final class Emitting extends EventStreamGrpc.EventStreamImplBase {
        private final AtomicLong settledUpTo = new AtomicLong();

        @Override
        public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> down) {
            return new StreamObserver<>() {
                @Override
                public void onNext(SubscribeRequest request) {
                    if (request.hasOpen()) {
                        down.onNext(SubscribeResponse.newBuilder()
                                .setAccepted(Accepted.newBuilder()
                                        .setEmitterGeneration(1)
                                        .setEpoch(1)
                                        .setContinuation(Continuation.CONTINUATION_RESET)
                                        .setNextSequence(1)
                                        .setMaxEventBytes(1 << 20))
                                .build());
                        Batch.Builder batch = Batch.newBuilder().setFirstSequence(1);
                        for (String id : List.of("a", "b", "c")) {
                            batch.addRecords(Record.newBuilder()
                                    .setEvent(io.cloudevents.v1.proto.CloudEvent.newBuilder()
                                            .setId(id)
                                            .setSource("s")
                                            .setSpecVersion("1.0")
                                            .setType("t")
                                            .setBinaryData(ByteString.copyFromUtf8("x")))
                                    .setOrderKey(ByteString.copyFromUtf8("k")));
                        }
                        down.onNext(
                                SubscribeResponse.newBuilder().setBatch(batch).build());
                        down.onNext(SubscribeResponse.newBuilder()
                                .setEndOfStream(EndOfStream.newBuilder().setLastSequence(3))
                                .build());
                    } else if (request.hasSettle()) {
                        settledUpTo.set(request.getSettle().getUpTo());
                    }
                }

                @Override
                public void onError(Throwable reason) {}

                @Override
                public void onCompleted() {
                    down.onCompleted();
                }
            };
        }
    }
}
