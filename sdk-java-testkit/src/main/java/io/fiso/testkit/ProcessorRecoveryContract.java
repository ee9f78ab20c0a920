// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every processor that gives one event per event promises, checked through the real wire: subclass it in the processor's own tests. */
@Timeout(180)
public abstract class ProcessorRecoveryContract {
    private static final int COUNT = 5_000;

    /** The directory of the test. */
    @TempDir
    protected Path directory;

    /** A fresh processor. */
    protected abstract EventProcessor processor();

    /** A config (JSON object) with which the processor takes events whose data is {@code {"n": <number>}}. */
    protected abstract String config();

    @Test
    void givesEveryEventOnceInTheOrderOfItsKey() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it", "it->out")) {
            CollectedEvents out = new CollectedEvents();
            ComponentRuntime source = harness.start("numbers", new NumberedEvents(COUNT), "{}");
            ComponentRuntime processor = harness.start("it", processor(), config());
            ComponentRuntime sink = harness.start("out", out, "{}");
            Phases.awaitDone(source, processor, sink);

            assertThat(out.times()).hasSize(COUNT);
            assertThat(out.times().values()).as("how often each event came").containsOnly(1);
            assertThat(NumberedEvents.outOfOrder(out.ids())).isEmpty();
        }
    }

    @Test
    void losesNothingInACrash() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it", "it->out")) {
            CollectedEvents out = new CollectedEvents();
            ComponentRuntime source = harness.start("numbers", new NumberedEvents(COUNT), "{}");
            harness.start("it", processor(), config());
            ComponentRuntime sink = harness.start("out", out, "{}");
            ComponentHarness.await(
                    "some events",
                    () -> !out.times().isEmpty(),
                    () -> out.times().size());
            harness.crash("it");
            ComponentRuntime again = harness.start("it", processor(), config());
            Phases.awaitDone(source, again, sink);

            assertThat(out.times()).hasSize(COUNT);
        }
    }

    @Test
    void refusesAKeyThatDoesNotExist() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it", "it->out")) {
            ComponentRuntime processor = harness.start("it", processor(), Phases.withUnknownKey(config()));
            assertThat(processor.awaitEnd().reason()).contains("noSuchKey");
        }
    }
}
