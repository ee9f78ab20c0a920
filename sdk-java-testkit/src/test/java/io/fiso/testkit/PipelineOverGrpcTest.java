// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class PipelineOverGrpcTest {
    private static final String[] CHAIN = {"numbers->pass", "pass->out"};

    @TempDir
    private Path directory;

    @Test
    void carriesEveryEventOnceAndEndsDone() throws Exception {
        int count = 100_000;
        Collected out = new Collected();
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            ComponentRuntime source = harness.start("numbers", new Numbers(), "{\"count\": " + count + "}");
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentRuntime sink = harness.start("out", (BatchEventSink) out, "{}");

            awaitDone(source, processor, sink);

            assertThat(out.seen).hasSize(count);
            assertThat(out.seen.values()).allMatch(times -> times == 1);
        }
    }

    @Test
    void resendsExactlyWhatWasLostWithAConnection() throws Exception {
        int count = 50_000;
        Collected out = new Collected();
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            ComponentRuntime source = harness.start("numbers", new Numbers(), "{\"count\": " + count + "}");
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentHarness.await(
                    "both are registered",
                    () -> harness.controlPlane().isRegistered("numbers")
                            && harness.controlPlane().isRegistered("pass"),
                    () -> "not both");
            try (CuttableProxy first = new CuttableProxy(source.address());
                    CuttableProxy second = new CuttableProxy(processor.address())) {
                harness.controlPlane().detour("numbers", first.address());
                harness.controlPlane().detour("pass", second.address());
                ComponentRuntime sink = harness.start("out", (BatchEventSink) out, "{}");
                for (int cut = 1; cut <= 4; cut++) {
                    int target = cut * count / 6;
                    ComponentHarness.await(target + " arrived", () -> out.seen.size() >= target, out.seen::size);
                    (cut % 2 == 0 ? first : second).cut();
                }

                awaitDone(source, processor, sink);
            }
            assertThat(out.seen).hasSize(count);
            assertThat(out.seen.values()).allMatch(times -> times == 1);
        }
    }

    @Test
    void goesOnAtItsCheckpointAfterACrashOfTheSource() throws Exception {
        int count = 30_000;
        Collected out = new Collected();
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            harness.start("numbers", new Numbers(), "{\"count\": " + count + "}");
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentRuntime sink = harness.start("out", (BatchEventSink) out, "{}");
            ComponentHarness.await("a third arrived", () -> out.seen.size() >= count / 3, out.seen::size);
            harness.crash("numbers");

            ComponentRuntime again = harness.start("numbers", new Numbers(), "{\"count\": " + count + "}");
            awaitDone(again, processor, sink);

            assertThat(out.seen).hasSize(count);
        }
    }

    @Test
    void drainsSoThatNothingIsReplayed() throws Exception {
        Collected out = new Collected();
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            ComponentRuntime source = harness.start("numbers", new Numbers(), "{\"count\": 10000000}");
            harness.start("pass", new PassThrough(), "{}");
            harness.start("out", (BatchEventSink) out, "{}");
            ComponentHarness.await("some arrived", () -> out.seen.size() >= 5_000, out.seen::size);

            source.stop(Duration.ofSeconds(20), "test");
            ComponentRuntime.Exit exit = source.awaitEnd();

            assertThat(exit.status()).isZero();
            assertThat(exit.reason()).contains("drained");
            harness.controlPlane().forget("numbers");
            int settled = out.seen.size();
            assertThat(Files.readString(directory.resolve("components/numbers-0/checkpoint.json")))
                    .contains("\"numbers-0\":" + settled);
            assertThat(lastWord(harness).getCommitted())
                    .as("said with its goodbye, whenever it was asked last")
                    .isEqualTo(settled);
        }
    }

    @Test
    void saysInTheEndWhatItCommittedLastThoughItGaveThePartitionAwayAtOnce() throws Exception {
        int count = 500;
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            CommittingSource numbers = new CommittingSource(count, null).releasingInTheEnd();
            ComponentRuntime source = harness.start("numbers", numbers, "{}");
            harness.start("out", (BatchEventSink) new Collected(), "{}");
            ComponentHarness.await(
                    "the end", () -> source.phase() == ComponentPhase.COMPONENT_PHASE_DONE, source::phase);

            source.stop(Duration.ofSeconds(20), "test");
            source.awaitEnd();

            assertThat(lastWord(harness).getCommitted()).isEqualTo(count);
            assertThat(lastWord(harness).getCommittedSettled().getDelivered()).isEqualTo(count);
            assertThat(lastWord(harness).getAccepted()).isEqualTo(count);
        }
    }

    private static PartitionProgress lastWord(ComponentHarness harness) {
        Progress progress = harness.controlPlane().lastWord("numbers").orElseThrow();
        assertThat(progress.getPartitionsList())
                .extracting(PartitionProgress::getPartition)
                .containsExactly("numbers-0");
        return progress.getPartitions(0);
    }

    @Test
    void writesWhatASinkGaveUpOnToTheDeadLetters() throws Exception {
        Collected out = new Collected();
        EventSink choosy = event -> {
            if (event.getId().endsWith("7")) {
                throw DeliveryException.permanent("404", "no such order");
            }
            out.add(event);
        };
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            ComponentRuntime source = harness.start("numbers", new Numbers(), "{\"count\": 100}");
            EventProcessor failing = (event, emitter) -> {
                if (event.getId().endsWith("5")) {
                    throw new IllegalStateException("cannot transform");
                }
                emitter.emit(event);
            };
            ComponentRuntime processor = harness.start("pass", failing, "{}");
            ComponentRuntime sink = harness.start("out", choosy, "{}");

            awaitDone(source, processor, sink);

            List<String> letters = Files.readAllLines(harness.deadLetters("numbers"));
            assertThat(out.seen).hasSize(80);
            assertThat(letters).hasSize(20);
            assertThat(letters)
                    .filteredOn(line -> line.contains("\"fiso-error-code\":\"404\""))
                    .hasSize(10);
            assertThat(letters)
                    .filteredOn(line -> line.contains("\"fiso-error-code\":\"TRANSFORM_FAILED\""))
                    .hasSize(10);
        }
    }

    @Test
    void triesTransientFailuresAgainInOrder() throws Exception {
        Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
        Collected out = new Collected();
        EventSink shaky = event -> {
            if (attempts.computeIfAbsent(event.getId(), ignored -> new AtomicInteger())
                                    .incrementAndGet()
                            < 3
                    && event.getId().endsWith("3")) {
                throw DeliveryException.transientFailure("503", "later");
            }
            out.add(event);
        };
        try (ComponentHarness harness = new ComponentHarness(directory, CHAIN)) {
            ComponentRuntime source = harness.start("numbers", new Numbers(), "{\"count\": 50}");
            ComponentRuntime processor = harness.start("pass", new PassThrough(), "{}");
            ComponentRuntime sink = harness.start(
                    "out",
                    ComponentRuntime.of(
                            shaky,
                            harness.environment("out", "{}", "{\"errorHandling\": {\"initialInterval\": \"10ms\"}}")));

            awaitDone(source, processor, sink);

            assertThat(out.seen).hasSize(50);
            assertThat(attempts.get("3").get()).isEqualTo(3);
        }
    }

    private static void awaitDone(ComponentRuntime... components) throws InterruptedException {
        for (ComponentRuntime component : components) {
            ComponentHarness.await(
                    "phase DONE of " + component.address(),
                    () -> component.phase() == ComponentPhase.COMPONENT_PHASE_DONE
                            || component.phase() == ComponentPhase.COMPONENT_PHASE_FAILED,
                    component::phase);
            assertThat(component.phase()).isEqualTo(ComponentPhase.COMPONENT_PHASE_DONE);
        }
    }

    private static final class Numbers implements EventSource {
        record Config(long count) {}

        @Override
        public void run(SourceContext context) throws InterruptedException {
            long count = context.config(Config.class).count();
            for (long n = context.checkpoint().position("numbers-0", 0); n < count && !context.stopping(); n++) {
                WireEvent event = WireEvent.builder()
                        .id(Long.toString(n))
                        .source("/numbers")
                        .type("number")
                        .json(("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))
                        .build();
                byte[] key = {(byte) (n % 100)};
                context.emit(SourceEvent.of(event, "numbers-0", n, key, null));
            }
        }
    }

    private static final class PassThrough implements EventProcessor {
        @Override
        public void process(CloudEvent event, Emitter out) {
            out.emit(event);
        }
    }

    private static final class Collected implements BatchEventSink {
        final Map<String, Integer> seen = new ConcurrentHashMap<>();

        void add(CloudEvent event) {
            seen.merge(event.getId(), 1, Integer::sum);
        }

        @Override
        public void deliver(List<CloudEvent> events, Outcome outcome) {
            events.forEach(this::add);
        }
    }
}
