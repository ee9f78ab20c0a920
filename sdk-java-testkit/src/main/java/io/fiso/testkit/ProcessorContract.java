// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every processor must keep, checked over real gRPC. A component's test implements this and says how to make its processor. */
@Timeout(180)
public interface ProcessorContract {
    EventProcessor processor();

    /** Its config, as JSON. */
    String config();

    /** Events that it accepts; at least one. */
    List<CloudEvent> inputs();

    /** An event that it must refuse; empty if it takes everything. */
    List<CloudEvent> refused();

    @Test
    default void settlesEveryInputAndCarriesTheCorrelationOn(@TempDir Path directory) throws Exception {
        CollectingSink out = new CollectingSink();
        List<CloudEvent> inputs = inputs().stream()
                .map(event ->
                        (CloudEvent) io.fiso.sdk.event.WireEvent.from(event).with("correlationid", "c-1"))
                .toList();
        try (ComponentHarness harness = new ComponentHarness(directory, "feed->it", "it->out")) {
            ComponentRuntime feed = harness.start("feed", new FixedSource(inputs), "{}");
            harness.start("it", processor(), config());
            harness.start("out", out, "{}");

            ComponentHarness.await(
                    "the feed is settled", () -> feed.phase() == ComponentPhase.COMPONENT_PHASE_DONE, feed::phase);

            assertThat(Files.exists(harness.deadLetters("feed")))
                    .as("dead letters")
                    .isFalse();
            assertThat(out.events()).allMatch(event -> "c-1".equals(event.getExtension("correlationid")));
        }
    }

    @Test
    default void deadLettersWhatItRefusesAndGoesOn(@TempDir Path directory) throws Exception {
        if (refused().isEmpty()) {
            return;
        }
        List<CloudEvent> mixed = new java.util.ArrayList<>(refused());
        mixed.addAll(inputs());
        try (ComponentHarness harness = new ComponentHarness(directory, "feed->it", "it->out")) {
            ComponentRuntime feed = harness.start("feed", new FixedSource(mixed), "{}");
            harness.start("it", processor(), config());
            harness.start("out", new CollectingSink(), "{}");

            ComponentHarness.await(
                    "the feed is settled", () -> feed.phase() == ComponentPhase.COMPONENT_PHASE_DONE, feed::phase);

            assertThat(Files.readAllLines(harness.deadLetters("feed"))).hasSameSizeAs(refused());
        }
    }
}
