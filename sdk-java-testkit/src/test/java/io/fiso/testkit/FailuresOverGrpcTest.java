// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.runtime.ComponentEnvironment;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What components do about failures, each a runtime of its own over real gRPC. */
@Timeout(300)
class FailuresOverGrpcTest {
    private static final String QUICK = "\"initialInterval\": \"5ms\", \"maxInterval\": \"20ms\"";

    private static final String SHORT_CALLS =
            "{\"errorHandling\": {\"maxAttempts\": 2, " + QUICK + "}, \"limits\": {\"callTimeout\": \"200ms\"}}";

    @TempDir
    private Path directory;

    @Test
    void holdsThePartitionWhileDeadLettersCannotBeWrittenAndRecoversByItself() throws Exception {
        FailingDeadLetterStore store = new FailingDeadLetterStore();
        store.fail();
        CommittingSource source = new CommittingSource(20, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            ComponentRuntime runtime = harness.start("numbers", source, "{}");
            harness.start("out", failing("7", DeliveryException.permanent("404", "gone")), "{}");
            ComponentHarness.await("the store refuses twice", () -> store.refusals() > 1, store::refusals);
            ComponentHarness.await("all before the hole", () -> source.committed() == 7, source::committed);

            assertThat(holding(runtime)).contains("store that fails on request", "the store is down");
            assertThat(source.committed())
                    .as("nothing is committed behind the open event")
                    .isEqualTo(7);
            store.heal();

            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
            assertThat(store.letters()).extracting(DeadLetter::code).containsExactly("404");
            assertThat(store.letters()).extracting(DeadLetter::eventId).containsExactly("7");
            assertThat(holding(runtime)).isEmpty();
        }
    }

    @Test
    void saysWithinSecondsThatItWaitsForAStoreThatIsMute() throws Exception {
        FailingDeadLetterStore store = new FailingDeadLetterStore();
        store.mute();
        CommittingSource source = new CommittingSource(20, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            ComponentRuntime runtime = harness.start("numbers", source, "{}");
            harness.start("out", failing("7", DeliveryException.permanent("404", "gone")), "{}");
            ComponentHarness.await("all before the hole", () -> source.committed() == 7, source::committed);
            long held = System.nanoTime();
            ComponentHarness.await("it says so", () -> !holding(runtime).isEmpty(), () -> "nothing");

            assertThat(Duration.ofNanos(System.nanoTime() - held)).isLessThan(Duration.ofSeconds(30));
            assertThat(holding(runtime))
                    .contains("dead letters wait for store that fails on request", "has not answered for");
            assertThat(describe(runtime).getProgress().getDeadLetters()).isZero();
            store.heal();

            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
            assertThat(holding(runtime)).isEmpty();
        }
    }

    @Test
    void putsALetterThatIsTooLargeIntoTheSpillFileAndAPointerIntoTheStore() throws Exception {
        FailingDeadLetterStore store = new FailingDeadLetterStore();
        store.refuse(
                letter -> letter.original().value() != null && letter.eventId().equals("7"));
        CommittingSource source = new CommittingSource(20, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            harness.start(
                    "out",
                    (EventSink) event -> {
                        int n = Integer.parseInt(event.getId());
                        if (n >= 6 && n <= 8) {
                            throw DeliveryException.permanent("404", "gone");
                        }
                    },
                    "{}");

            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);

            assertThat(store.letters()).extracting(DeadLetter::eventId).containsExactlyInAnyOrder("6", "7", "8");
            DeadLetter pointer = store.letters().stream()
                    .filter(letter -> letter.eventId().equals("7"))
                    .findFirst()
                    .orElseThrow();
            assertThat(pointer.original().value()).isNull();
            assertThat(pointer.original().headers()).hasSize(1);
            assertThat(pointer.original().headers().getFirst().name()).isEqualTo("fiso-spill-file");
            Path spill =
                    Path.of(new String(pointer.original().headers().getFirst().value(), StandardCharsets.UTF_8));
            assertThat(Files.readAllLines(spill)).singleElement().asString().contains("\"eventId\":\"7\"");
        }
    }

    @Test
    void letsTheListDecideWhichStatusesAreTriedAgain() throws Exception {
        Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
        EventSink sink = event -> {
            count(attempts, event);
            int status = event.getId().equals("1") ? 503 : event.getId().equals("2") ? 418 : 200;
            if (status != 200) {
                throw DeliveryException.ofStatus(status, "no", Optional.empty());
            }
        };
        CommittingSource source = new CommittingSource(4, null);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            String settings =
                    "{\"errorHandling\": {\"maxAttempts\": 3, \"retryableStatusCodes\": [418], " + QUICK + "}}";
            harness.start("out", ComponentRuntime.of(sink, harness.environment("out", "{}", settings)));

            ComponentHarness.await("everything is committed", () -> source.committed() == 4, source::committed);

            assertThat(attempts.get("1").get()).as("503 is not in the list").isEqualTo(1);
            assertThat(attempts.get("2").get()).as("418 is in the list").isEqualTo(3);
        }
    }

    @Test
    void letsTheListDecideForSinksThatTakeBatchesToo() throws Exception {
        Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
        BatchEventSink sink = (events, outcome) -> {
            for (int index = 0; index < events.size(); index++) {
                CloudEvent event = events.get(index);
                count(attempts, event);
                if (event.getId().equals("1")) {
                    outcome.failed(index, DeliveryException.ofStatus(503, "no", Optional.empty()));
                }
            }
        };
        CommittingSource source = new CommittingSource(4, null);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            String settings = "{\"errorHandling\": {\"retryableStatusCodes\": [], " + QUICK + "}}";
            harness.start("out", ComponentRuntime.of(sink, harness.environment("out", "{}", settings)));

            ComponentHarness.await("everything is committed", () -> source.committed() == 4, source::committed);

            assertThat(attempts.get("1").get()).isEqualTo(1);
        }
    }

    @Test
    void countsEachFailureWhereItWasMade() throws Exception {
        FailingDeadLetterStore store = new FailingDeadLetterStore();
        CommittingSource source = new CommittingSource(20, store);
        EventProcessor processor = (event, out) -> {
            if (event.getId().equals("3")) {
                throw DeliveryException.permanent("TRANSFORM_VALIDATION_FAILED", "no");
            }
            if (event.getId().equals("4")) {
                throw new IllegalArgumentException("no");
            }
            out.emit(event);
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->shape", "shape->out");
                HttpClient http = HttpClient.newHttpClient()) {
            ComponentRuntime numbers = harness.start("numbers", source, "{}");
            ComponentRuntime shape = harness.start("shape", processor, "{}");
            String settings = "{\"errorHandling\": {\"maxAttempts\": 3, " + QUICK + "}}";
            ComponentRuntime out = harness.start(
                    "out",
                    ComponentRuntime.of(
                            failing("7", DeliveryException.ofStatus(503, "no", Optional.empty())),
                            harness.environment("out", "{}", settings)));
            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
            List.of(numbers, shape, out).forEach(FailuresOverGrpcTest::describe);

            String atSource = metrics(http, numbers);
            String atProcessor = metrics(http, shape);
            String atSink = metrics(http, out);

            assertThat(atSource).contains("fiso_flow_dlq_total{flow=\"test-pipeline\"} 3.0");
            assertThat(atSource).as("made by others").doesNotContain("fiso_flow_transform_errors_total{");
            assertThat(atProcessor)
                    .contains(transformErrors("TRANSFORM_VALIDATION_FAILED") + " 1.0")
                    .contains(transformErrors("TRANSFORM_FAILED") + " 1.0")
                    .doesNotContain("error_type=\"503\"")
                    .doesNotContain("fiso_flow_dlq_total");
            assertThat(atSink)
                    .contains("fiso_flow_sink_delivery_errors_total{flow=\"test-pipeline\"} 3.0")
                    .doesNotContain("fiso_flow_transform_errors")
                    .doesNotContain("fiso_flow_dlq_total");
        }
    }

    @Test
    void interruptsACallThatIsOverItsTimeAndTriesAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        EventSink sink = event -> {
            if (calls.incrementAndGet() == 1) {
                new CountDownLatch(1).await();
            }
        };
        assertThat(lettersOf(environment -> ComponentRuntime.of(sink, environment)))
                .isEmpty();
        assertThat(calls).hasValue(2);
    }

    @Test
    void interruptsABatchThatIsOverItsTimeAndTriesAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        BatchEventSink sink = (events, outcome) -> {
            if (calls.incrementAndGet() == 1) {
                new CountDownLatch(1).await();
            }
        };
        assertThat(lettersOf(environment -> ComponentRuntime.of(sink, environment)))
                .isEmpty();
        assertThat(calls).hasValue(2);
    }

    @Test
    void sendsAnEventWhoseEveryCallHangsToTheDeadLettersAsATimeout() throws Exception {
        EventSink sink = event -> new CountDownLatch(1).await();

        List<DeadLetter> letters = lettersOf(environment -> ComponentRuntime.of(sink, environment));

        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.code()).isEqualTo("TIMEOUT");
            assertThat(letter.attempts()).isEqualTo(2);
        });
    }

    @Test
    void endsWhenACallIgnoresItsInterrupt() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        EventSink sink = event -> {
            while (over.getCount() > 0) {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    // Deaf on purpose.
                }
            }
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", new CommittingSource(1, null), "{}");
            ComponentRuntime out = harness.start(
                    "out",
                    ComponentRuntime.of(
                            sink, harness.environment("out", "{}", "{\"limits\": {\"callTimeout\": \"100ms\"}}")));

            ComponentRuntime.Exit exit = out.awaitEnd();

            assertThat(exit.status()).isEqualTo(1);
            assertThat(exit.reason()).contains("though it was interrupted");
        } finally {
            over.countDown();
        }
    }

    /** Runs a source of one event and this sink until the event is settled. */
    private List<DeadLetter> lettersOf(Function<ComponentEnvironment, ComponentRuntime> sink) throws Exception {
        FailingDeadLetterStore store = new FailingDeadLetterStore();
        CommittingSource source = new CommittingSource(1, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            harness.start("out", sink.apply(harness.environment("out", "{}", SHORT_CALLS)));
            ComponentHarness.await("the event is settled", () -> source.committed() == 1, source::committed);
            return store.letters();
        }
    }

    @Test
    void holdsOneKeyWhileTheOthersFlowAndSaysWhich() throws Exception {
        AtomicInteger healed = new AtomicInteger();
        EventSink sink = event -> {
            if (event.getId().equals("7") && healed.get() == 0) {
                throw DeliveryException.permanent("404", "gone");
            }
        };
        CommittingSource source = new CommittingSource(20, null);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            String settings = "{\"errorHandling\": {\"commitPolicy\": \"sink\", " + QUICK + "}}";
            ComponentRuntime out =
                    harness.start("out", ComponentRuntime.of(sink, harness.environment("out", "{}", settings)));
            ComponentHarness.await(
                    "all others are delivered",
                    () -> describe(out).getProgress().getSettled().getDelivered() == 19,
                    () -> describe(out));
            assertThat(holding(out)).contains("event '7' failed", "404 (gone)", "may not be given up");
            assertThat(source.committed()).isEqualTo(7);

            healed.set(1);
            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
            assertThat(holding(out)).isEmpty();
        }
    }

    @Test
    void endsForGoodWhereThePolicyIsToFail() throws Exception {
        CommittingSource source = new CommittingSource(20, null);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", source, "{}");
            String settings = "{\"errorHandling\": {\"onFailure\": \"fail\", " + QUICK + "}}";
            ComponentRuntime out = harness.start(
                    "out",
                    ComponentRuntime.of(
                            failing("7", DeliveryException.permanent("404", "gone")),
                            harness.environment("out", "{}", settings)));

            ComponentRuntime.Exit exit = out.awaitEnd();

            assertThat(exit.status()).isEqualTo(ComponentRuntime.Exit.FOR_GOOD);
            assertThat(exit.reason()).contains("out: event '7' failed", "404 (gone)", "onFailure is fail");
            assertThat(source.committed()).isLessThanOrEqualTo(7);
        }
    }

    private static EventSink failing(String id, DeliveryException failure) {
        return event -> {
            if (event.getId().equals(id)) {
                throw failure;
            }
        };
    }

    private static void count(Map<String, AtomicInteger> attempts, CloudEvent event) {
        attempts.computeIfAbsent(event.getId(), id -> new AtomicInteger()).incrementAndGet();
    }

    private static String transformErrors(String code) {
        return "fiso_flow_transform_errors_total{error_type=\"" + code + "\",flow=\"test-pipeline\"}";
    }

    static String metrics(HttpClient http, ComponentRuntime component) throws Exception {
        URI uri = URI.create("http://" + component.httpAddress() + "/metrics");
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String holding(ComponentRuntime component) {
        return describe(component).getProgress().getHolding();
    }

    /** Asks the component how far it is; also makes its metrics fresh. */
    static io.fiso.proto.stream.v1.DescribeResponse describe(ComponentRuntime component) {
        String address = component.address();
        int colon = address.lastIndexOf(':');
        Metadata token = new Metadata();
        token.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + ComponentHarness.TOKEN);
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .build();
        try {
            return LifecycleGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
                    .describe(DescribeRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }
}
