// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentEnvironment;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every sink must keep, checked over real gRPC. A component's test implements this and says how to make and read its sink. */
@Timeout(180)
public interface SinkContract {
    /** A new sink over these surroundings: {@code ComponentRuntime.of(new MySink(), environment)}. */
    ComponentRuntime sink(ComponentEnvironment environment);

    /** Its config, as JSON, for a place outside that is empty. */
    String config(Path directory) throws Exception;

    /** The ids of the events that the outside has by now, in order of arrival. */
    List<String> delivered(Path directory) throws Exception;

    @Test
    default void deliversEveryEventOfAKeyInOrder(@TempDir Path directory) throws Exception {
        List<CloudEvent> events = new ArrayList<>();
        for (int n = 0; n < 500; n++) {
            events.add(event(n));
        }
        try (ComponentHarness harness = new ComponentHarness(directory, "feed->sink")) {
            ComponentRuntime feed = harness.start("feed", new FixedSource(events), "{}");
            ComponentRuntime sink = harness.start("sink", sink(harness.environment("sink", config(directory), "{}")));
            ComponentHarness.await(
                    "the feed is settled", () -> feed.phase() == ComponentPhase.COMPONENT_PHASE_DONE, feed::phase);

            sink.stop(Duration.ofSeconds(10), "end of test");

            assertThat(sink.awaitEnd().status()).isZero();
            assertThat(delivered(directory))
                    .containsExactlyElementsOf(
                            events.stream().map(CloudEvent::getId).toList());
        }
    }

    @Test
    default void endsWithTheNameOfAnUnknownKey(@TempDir Path directory) throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "feed->sink")) {
            ComponentRuntime sink =
                    harness.start("sink", sink(harness.environment("sink", "{\"nosuchkey\": 1}", "{}")));

            ComponentRuntime.Exit exit = sink.awaitEnd();

            assertThat(exit.status()).isEqualTo(2);
            assertThat(exit.reason()).contains("nosuchkey");
        }
    }

    private static CloudEvent event(int n) {
        return WireEvent.builder()
                .id("event-" + n)
                .source("/contract")
                .type("contract.event")
                .json(("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))
                .build();
    }
}
