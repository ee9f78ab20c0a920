// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.Fate;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.proto.stream.v1.InjectResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.OriginalRecord;
import io.fiso.proto.stream.v1.Progress;
import io.fiso.proto.stream.v1.Record;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters that are given in again: they reach what they are meant for, and nothing else. */
@Timeout(300)
class InjectionOverGrpcTest {
    private static final String[] GRAPH = {"orders->shape", "orders->audit", "shape->left", "shape->right"};
    private static final String QUICK_RETRIES =
            "{\"errorHandling\": {\"maxAttempts\": 3, \"initialInterval\": \"5ms\", \"maxInterval\": \"20ms\"}}";

    @TempDir
    private Path directory;

    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void hangUp() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void reachesTheOneSinkThatItIsMeantFor() {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);

            InjectResponse answer = inject(harness, "7", "right");

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(graph.right.seen()).containsExactly("7");
            assertThat(graph.left.seen()).isEmpty();
            assertThat(graph.audit.seen()).isEmpty();
            assertThat(graph.right.events.getFirst().getExtensionNames())
                    .as("the target is an affair of the transport")
                    .doesNotContain("fisotarget");
            Progress progress = describe(harness, "orders");
            assertThat(progress.getInjected().getDelivered()).isEqualTo(1);
            assertThat(progress.getEventsIn()).isZero();
            assertThat(progress.getInFlight()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void goesOnEverywhereBehindTheProcessorThatItIsMeantFor(int parallelism) {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness, parallelism);

            InjectResponse answer = inject(harness, "7", "shape");

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(graph.left.seen()).containsExactly("7");
            assertThat(graph.right.seen()).containsExactly("7");
            assertThat(graph.audit.seen()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void reachesEveryOneOfSeveralTargets(int parallelism) {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness, parallelism);

            InjectResponse answer = inject(harness, "7", "audit,left");

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(graph.left.seen()).containsExactly("7");
            assertThat(graph.audit.seen()).containsExactly("7");
            assertThat(graph.right.seen()).isEmpty();
        }
    }

    @Test
    void triesAsOftenAsThePolicySaysAndWritesNoSecondDeadLetter() {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);
            graph.right.refuses = event -> true;

            InjectResponse answer = inject(harness, "7", "right");

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_FAILED);
            assertThat(answer.getFailure().getComponent()).isEqualTo("right");
            assertThat(answer.getFailure().getCode()).isEqualTo("503");
            assertThat(answer.getFailure().getAttempts()).isEqualTo(3);
            assertThat(graph.right.attempts).hasValue(3);
            assertThat(describe(harness, "orders").getDeadLetters()).isZero();
            assertThat(Files.exists(harness.deadLetters("orders"))).isFalse();
        }
    }

    @Test
    void namesEveryComponentThatGaveUp() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);
            graph.right.refuses = event -> true;
            graph.audit.refuses = event -> true;
            graph.source.emit("5");

            ComponentHarness.await(
                    "a dead letter",
                    () -> describe(harness, "orders").getDeadLetters() == 1,
                    () -> describe(harness, "orders"));

            String letter = Files.readString(harness.deadLetters("orders"));
            assertThat(letter).containsAnyOf("\"audit,right\"", "\"right,audit\"");
            graph.right.refuses = event -> false;
            graph.audit.refuses = event -> false;
            assertThat(inject(harness, "5", "right,audit").getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(graph.right.seen()).containsExactly("5");
            assertThat(graph.audit.seen()).containsExactly("5");
            assertThat(graph.left.seen()).containsExactly("5");
        }
    }

    @Test
    void waitsBehindWhatIsThereOfItsOrderKey() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);
            CountDownLatch gate = new CountDownLatch(1);
            graph.right.gate = gate;
            graph.source.emit("1");
            ComponentHarness.await("the first is being delivered", () -> graph.right.attempts.get() == 1, () -> "");

            CompletableFuture<InjectResponse> answer =
                    CompletableFuture.supplyAsync(() -> inject(harness, "0", "right"));
            ComponentHarness.await(
                    "the letter is on its way",
                    () -> describe(harness, "right").getInFlight() == 2,
                    () -> describe(harness, "right"));
            gate.countDown();

            assertThat(answer.get(120, TimeUnit.SECONDS).getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(graph.right.seen()).containsExactly("1", "0");
        }
    }

    @Test
    void arrivesThoughItsReceiverCrashesMeanwhile() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);
            graph.right.gate = new CountDownLatch(1);
            CompletableFuture<InjectResponse> answer =
                    CompletableFuture.supplyAsync(() -> inject(harness, "7", "right"));
            ComponentHarness.await("it is being delivered", () -> graph.right.attempts.get() == 1, () -> "");

            harness.crash("right");
            Recorder successor = new Recorder();
            start(harness, "right", successor);

            assertThat(answer.get(120, TimeUnit.SECONDS).getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(successor.seen()).containsExactly("7");
        }
    }

    @Test
    void isUnansweredWhenItsSourceCrashes() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);
            graph.right.gate = new CountDownLatch(1);
            CompletableFuture<InjectResponse> answer =
                    CompletableFuture.supplyAsync(() -> inject(harness, "7", "right"));
            ComponentHarness.await("it is being delivered", () -> graph.right.attempts.get() == 1, () -> "");

            harness.crash("orders");

            assertThatThrownBy(() -> answer.get(120, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode())
                                    .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED));
        }
    }

    @Test
    void refusesATargetThatNoPathLeadsTo() {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            Graph graph = new Graph(harness);

            assertThatThrownBy(() -> inject(harness, "7", "elsewhere"))
                    .hasMessageContaining("FAILED_PRECONDITION")
                    .hasMessageContaining("no path leads from 'orders' to 'elsewhere'");
            assertThat(graph.right.seen()).isEmpty();
        }
    }

    @Test
    void answersWithTheReasonWhenTheRecordStillIsNoEvent() {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            new Graph(harness);

            InjectResponse answer = lifecycle(harness, "orders")
                    .inject(InjectRequest.newBuilder()
                            .setOriginal(OriginalRecord.newBuilder()
                                    .setOrigin("orders-0")
                                    .setValue(ByteString.copyFromUtf8("no event")))
                            .setTarget("orders")
                            .build());

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_FAILED);
            assertThat(answer.getFailure().getCode()).isEqualTo("CLOUDEVENT_WRAP_FAILED");
            assertThat(answer.getFailure().getComponent()).isEqualTo("orders");
        }
    }

    @Test
    void triesAgainAtAProcessorOfOneLaneWithoutLosingItsPlace() {
        try (ComponentHarness harness = new ComponentHarness(directory, GRAPH)) {
            AtomicInteger attempts = new AtomicInteger();
            Graph graph = new Graph(harness, (event, out) -> {
                if (attempts.incrementAndGet() < 3) {
                    throw DeliveryException.transientFailure("BUSY", "not yet");
                }
                out.emit(event);
            });

            InjectResponse answer = lifecycle(harness, "shape")
                    .inject(InjectRequest.newBuilder()
                            .setRecord(Record.newBuilder()
                                    .setEvent(cloudEvent("7"))
                                    .setOrderKey(ByteString.copyFromUtf8("key")))
                            .build());

            assertThat(answer.getFate()).isEqualTo(Fate.FATE_DELIVERED);
            assertThat(attempts).hasValue(3);
            assertThat(graph.left.seen()).containsExactly("7");
            assertThat(graph.right.seen()).containsExactly("7");
        }
    }

    private static io.cloudevents.v1.proto.CloudEvent cloudEvent(String id) {
        try {
            return io.cloudevents.v1.proto.CloudEvent.parseFrom(event(id).toByteArray());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private InjectResponse inject(ComponentHarness harness, String id, String target) {
        return lifecycle(harness, "orders")
                .inject(InjectRequest.newBuilder()
                        .setOriginal(OriginalRecord.newBuilder()
                                .setOrigin("orders-0")
                                .setOffset(Long.parseLong(id))
                                .setKey(ByteString.copyFromUtf8("key"))
                                .setValue(ByteString.copyFrom(JsonFormat.encode(event(id)))))
                        .setTarget(target)
                        .build());
    }

    private Progress describe(ComponentHarness harness, String component) {
        return lifecycle(harness, component)
                .describe(DescribeRequest.getDefaultInstance())
                .getProgress();
    }

    private LifecycleGrpc.LifecycleBlockingStub lifecycle(ComponentHarness harness, String component) {
        String address = harness.runtime(component).address();
        int colon = address.lastIndexOf(':');
        Metadata token = new Metadata();
        token.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + ComponentHarness.TOKEN);
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .build();
        synchronized (channels) {
            channels.add(channel);
        }
        return LifecycleGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
                .withDeadlineAfter(Duration.ofSeconds(60));
    }

    private static WireEvent event(String id) {
        return WireEvent.builder()
                .id(id)
                .source("/orders")
                .type("order")
                .json("{}".getBytes(StandardCharsets.UTF_8))
                .build();
    }

    private static void start(ComponentHarness harness, String component, EventSink sink) {
        harness.start(component, ComponentRuntime.of(sink, harness.environment(component, "{}", QUICK_RETRIES)));
    }

    /** A source that feeds a processor with two sinks, and a sink of its own. */
    private static final class Graph {
        final Emitting source = new Emitting();
        final Recorder left = new Recorder();
        final Recorder right = new Recorder();
        final Recorder audit = new Recorder();

        Graph(ComponentHarness harness) {
            this(harness, 1);
        }

        Graph(ComponentHarness harness, int parallelism) {
            this(harness, (event, out) -> out.emit(event), parallelism);
        }

        Graph(ComponentHarness harness, EventProcessor processor) {
            this(harness, processor, 1);
        }

        private Graph(ComponentHarness harness, EventProcessor processor, int parallelism) {
            harness.start("orders", source, "{}");
            String settings = QUICK_RETRIES.replaceFirst("}$", ", \"parallelism\": " + parallelism + "}");
            harness.start("shape", ComponentRuntime.of(processor, harness.environment("shape", "{}", settings)));
            InjectionOverGrpcTest.start(harness, "left", left);
            InjectionOverGrpcTest.start(harness, "right", right);
            InjectionOverGrpcTest.start(harness, "audit", audit);
            try {
                for (String component : List.of("orders", "shape", "left", "right", "audit")) {
                    ComponentHarness.await(
                            component + " runs",
                            () -> harness.runtime(component).phase()
                                    == io.fiso.proto.stream.v1.ComponentPhase.COMPONENT_PHASE_RUNNING,
                            () -> harness.runtime(component).phase());
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Emits what it is told to, all of one order key. */
    private static final class Emitting implements EventSource {
        private final BlockingQueue<String> ids = new LinkedBlockingQueue<>();

        void emit(String id) {
            ids.add(id);
        }

        @Override
        public void run(SourceContext context) throws InterruptedException {
            while (!context.stopping()) {
                String id = ids.poll(20, TimeUnit.MILLISECONDS);
                if (id != null) {
                    context.emit(SourceEvent.of(
                            event(id), "orders-0", Long.parseLong(id), "key".getBytes(StandardCharsets.UTF_8), null));
                }
            }
        }
    }

    /** A sink that remembers, and waits or refuses as it is told to. */
    private static final class Recorder implements EventSink {
        final ConcurrentLinkedDeque<CloudEvent> events = new ConcurrentLinkedDeque<>();
        final AtomicInteger attempts = new AtomicInteger();
        volatile Predicate<CloudEvent> refuses = event -> false;
        volatile CountDownLatch gate = new CountDownLatch(0);

        List<String> seen() {
            return events.stream().map(CloudEvent::getId).toList();
        }

        @Override
        public void deliver(CloudEvent event) throws Exception {
            attempts.incrementAndGet();
            gate.await();
            if (refuses.test(event)) {
                throw DeliveryException.transientFailure("503", "down");
            }
            events.add(event);
        }
    }
}
