// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that does not satisfy the schema of a component does not reach its code, and becomes a dead letter like any other failure. */
@Timeout(300)
class ValidationOverGrpcTest {
    private static final String UP_TO_16 = "\"validate\": {\"jsonSchema\": {\"maximum\": 16}}";
    private static final String MESSAGE =
            "the data does not satisfy the schema: at \"\" maximum: must have a maximum value of 16, found an integer";

    @TempDir
    private Path directory;

    private final FailingDeadLetterStore store = new FailingDeadLetterStore();
    private final Queue<CloudEvent> seen = new ConcurrentLinkedQueue<>();

    @Test
    void aSinkIsGivenOnlyWhatSatisfiesItsSchemaAsItCame() throws Exception {
        run("out", (EventSink) seen::add, "{" + UP_TO_16 + "}");

        expectLetters("out");
        expectSeen();
    }

    @Test
    void aSinkThatTakesBatchesIsToo() throws Exception {
        run("out", (BatchEventSink) (events, _) -> seen.addAll(events), "{" + UP_TO_16 + "}");

        expectLetters("out");
        expectSeen();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aProcessorIsToo(int parallelism) throws Exception {
        Queue<String> processed = new ConcurrentLinkedQueue<>();
        CommittingSource source = new CommittingSource(20, store);
        EventProcessor processor = (event, out) -> {
            processed.add(event.getId());
            out.emit(event);
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->shape", "shape->out")) {
            harness.start("numbers", source, "{}");
            harness.start(
                    "shape",
                    ComponentRuntime.of(
                            processor,
                            harness.environment(
                                    "shape", "{}", "{\"parallelism\": " + parallelism + ", " + UP_TO_16 + "}")));
            harness.start("out", (EventSink) seen::add, "{}");
            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
        }
        expectLetters("shape");
        expectSeen();
        assertThat(processed).hasSize(17).doesNotContain("17", "18", "19");
    }

    @Test
    void whatASourceReadIsCheckedBeforeItIsEmitted() throws Exception {
        CommittingSource source = new CommittingSource(20, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start(
                    "numbers", ComponentRuntime.of(source, harness.environment("numbers", "{}", "{" + UP_TO_16 + "}")));
            harness.start("out", (EventSink) seen::add, "{}");
            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
        }
        expectLetters("numbers");
        expectSeen();
        assertThat(store.letters())
                .allSatisfy(
                        letter -> assertThat(JsonFormat.decode(letter.original().value())
                                        .getData()
                                        .toBytes())
                                .as("there was no raw record, so the letter has the event")
                                .isEqualTo(letter.eventId().getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsSkippedBecomesNoLetter() throws Exception {
        run("out", (EventSink) seen::add, "{\"errorHandling\": {\"onFailure\": \"skip\"}, " + UP_TO_16 + "}");

        assertThat(store.letters()).isEmpty();
        expectSeen();
    }

    /** In batches an event is taken out, and what comes behind it of its key must not overtake it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsHeldKeepsItsKeyBack(boolean batches) throws Exception {
        String settings = "{\"errorHandling\": {\"onFailure\": \"hold\"}, \"validate\": {\"jsonSchema\":"
                + " {\"properties\": {\"n\": {\"not\": {\"const\": 3}}}}}}";
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", new NumberedEvents(40), "{}");
            BatchEventSink batchSink = (events, _) -> seen.addAll(events);
            EventSink sink = seen::add;
            var environment = harness.environment("out", "{}", settings);
            harness.start(
                    "out",
                    batches ? ComponentRuntime.of(batchSink, environment) : ComponentRuntime.of(sink, environment));
            ComponentHarness.await("all other keys", () -> seen.size() >= 36, seen::size);
        }
        assertThat(seen).extracting(CloudEvent::getId).hasSize(36).doesNotContain("3", "13", "23", "33");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsBehindALetterOfItsKeyIsDeliveredInOrder(boolean batches) throws Exception {
        String settings = "{\"validate\": {\"jsonSchema\": {\"properties\": {\"n\": {\"not\": {\"enum\": [3, 23]}}}}}}";
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", new NumberedEvents(40), "{}");
            BatchEventSink batchSink = (events, _) -> seen.addAll(events);
            EventSink sink = seen::add;
            var environment = harness.environment("out", "{}", settings);
            harness.start(
                    "out",
                    batches ? ComponentRuntime.of(batchSink, environment) : ComponentRuntime.of(sink, environment));
            Path letters = harness.deadLetters("numbers");
            ComponentHarness.await(
                    "all are delivered or letters",
                    () -> seen.size() == 38
                            && Files.exists(letters)
                            && lines(letters).size() == 2,
                    seen::size);
        }
        assertThat(seen).extracting(CloudEvent::getId).doesNotContain("3", "23");
        assertThat(NumberedEvents.outOfOrder(
                        seen.stream().map(CloudEvent::getId).toList()))
                .isEmpty();
    }

    @Test
    void aSchemaThatIsNoneEndsTheProcessWithItsReason() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", new CommittingSource(1, store), "{}");
            ComponentRuntime out = harness.start(
                    "out",
                    ComponentRuntime.of(
                            (EventSink) seen::add,
                            harness.environment(
                                    "out",
                                    "{}",
                                    "{\"validate\": {\"jsonSchema\": {\"$ref\": \"http://localhost/x\"}}}")));
            ComponentRuntime.Exit exit = out.awaitEnd();
            assertThat(exit.status()).isEqualTo(2);
            assertThat(exit.reason()).contains("validate.jsonSchema: no JSON Schema");
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void run(String name, Object sink, String settings) throws InterruptedException {
        CommittingSource source = new CommittingSource(20, store);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->" + name)) {
            harness.start("numbers", source, "{}");
            var environment = harness.environment(name, "{}", settings);
            harness.start(
                    name,
                    sink instanceof BatchEventSink batches
                            ? ComponentRuntime.of(batches, environment)
                            : ComponentRuntime.of((EventSink) sink, environment));
            ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);
        }
    }

    private void expectLetters(String component) {
        assertThat(store.letters()).extracting(DeadLetter::eventId).containsExactlyInAnyOrder("17", "18", "19");
        assertThat(store.letters()).allSatisfy(letter -> {
            assertThat(letter.code()).isEqualTo("TRANSFORM_VALIDATION_FAILED");
            assertThat(letter.message()).isEqualTo(MESSAGE);
            assertThat(letter.attempts()).isEqualTo(1);
            assertThat(letter.component()).isEqualTo(component);
        });
    }

    private void expectSeen() {
        assertThat(seen)
                .extracting(CloudEvent::getId)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 17).mapToObj(Integer::toString).toList());
        assertThat(seen).allSatisfy(event -> {
            assertThat(new String(event.getData().toBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(event.getId());
            assertThat(event.getType()).isEqualTo("number");
            assertThat(event.getExtensionNames()).isEmpty();
        });
    }
}
