// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sink that deduplicates, behind a source that forgets where it was. */
@Timeout(300)
class DeduplicationOverGrpcTest {
    private static final int EVENTS = 200;
    private static final String REMEMBERS =
            "{\"deduplicate\": {\"window\": 1000}, \"errorHandling\": {\"initialInterval\": \"5ms\"}}";

    @TempDir
    private Path directory;

    private final Map<String, AtomicInteger> deliveries = new ConcurrentHashMap<>();

    /** Emits the same events at every start. */
    private static final EventSource FORGETFUL = context -> {
        for (int n = 0; n < EVENTS; n++) {
            WireEvent event = WireEvent.builder()
                    .id("event-" + n)
                    .source("/forgetful")
                    .type("test")
                    .build();
            context.emit(
                    SourceEvent.of(event, "p", n, Integer.toString(n % 20).getBytes(StandardCharsets.UTF_8), null));
        }
    };

    @Test
    void deliversOnceThoughTheSourceRepeatsAndTheSinkCrashes() throws Exception {
        EventSink sink = event -> count(event.getId());
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            repeats(harness, () -> ComponentRuntime.of(sink, harness.environment("out", "{}", REMEMBERS)));
        }
    }

    @Test
    void deliversBatchesOnceToo() throws Exception {
        BatchEventSink sink = (events, outcome) -> events.forEach(event -> count(event.getId()));
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            repeats(harness, () -> ComponentRuntime.of(sink, harness.environment("out", "{}", REMEMBERS)));
        }
    }

    private void repeats(ComponentHarness harness, Supplier<ComponentRuntime> sink) throws Exception {
        harness.start("numbers", FORGETFUL, "{}");
        ComponentRuntime first = harness.start("out", sink.get());
        ComponentHarness.await("all are delivered", () -> settled(first) == EVENTS, deliveries::size);

        harness.crash("numbers");
        harness.start("numbers", FORGETFUL, "{}");
        ComponentHarness.await("all are settled again", () -> settled(first) == 2 * EVENTS, () -> settled(first));
        assertThat(deduplicated(first)).isEqualTo(EVENTS);

        harness.crash("out");
        harness.crash("numbers");
        harness.start("numbers", FORGETFUL, "{}");
        ComponentRuntime second = harness.start("out", sink.get());
        ComponentHarness.await("and again", () -> settled(second) == EVENTS, () -> settled(second));
        assertThat(deduplicated(second)).isEqualTo(EVENTS);

        assertThat(FailuresOverGrpcTest.metrics(HttpClient.newHttpClient(), second))
                .contains("fiso_component_deduplicated_total{component=\"out\"");
        assertThat(deliveries).hasSize(EVENTS);
        assertThat(deliveries.values()).allMatch(times -> times.get() == 1);
    }

    @Test
    void triesAgainWhatFailedInABatchAndRemembersOnlyWhatArrived() throws Exception {
        BatchEventSink sink = (events, outcome) -> {
            for (int index = 0; index < events.size(); index++) {
                String id = events.get(index).getId();
                int times = count(id);
                if (id.endsWith("7") && times == 1) {
                    outcome.failed(index, DeliveryException.unknown("500", "not now", new Exception()));
                }
            }
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            harness.start("numbers", FORGETFUL, "{}");
            ComponentRuntime out =
                    harness.start("out", ComponentRuntime.of(sink, harness.environment("out", "{}", REMEMBERS)));
            ComponentHarness.await("all are settled", () -> settled(out) == EVENTS, () -> settled(out));

            assertThat(deliveries.get("event-7").get()).isEqualTo(2);
            assertThat(deliveries.get("event-8").get()).isPositive();
            assertThat(deduplicated(out)).isZero();
        }
    }

    private int count(String id) {
        return deliveries.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
    }

    private static long settled(ComponentRuntime component) {
        return FailuresOverGrpcTest.describe(component)
                .getProgress()
                .getSettled()
                .getDelivered();
    }

    private static long deduplicated(ComponentRuntime component) {
        return FailuresOverGrpcTest.describe(component).getProgress().getDeduplicated();
    }
}
