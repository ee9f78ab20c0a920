// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every source promises, checked through the real wire: subclass it in the source's own tests. */
@Timeout(180)
public abstract class SourceRecoveryContract {
    /** The directory of the test; what the source reads may stand in it. */
    @TempDir
    protected Path directory;

    /** A fresh source. */
    protected abstract EventSource source();

    /** A config (JSON object) with which the source gives exactly {@link #expected} events and ends. */
    protected abstract String config() throws Exception;

    /** How many events there are; some thousands, so that a crash finds some of them unsettled. */
    protected abstract int expected();

    @Test
    void givesEveryEventOnceAndEnds() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "source->out")) {
            CollectedEvents out = new CollectedEvents();
            ComponentRuntime source = harness.start("source", source(), config());
            ComponentRuntime sink = harness.start("out", out, "{}");
            Phases.awaitDone(source, sink);

            assertThat(out.times()).hasSize(expected());
            assertThat(out.times().values()).as("how often each event came").containsOnly(1);
        }
    }

    @Test
    void losesNothingInACrashAndGivesTheSameIdsAgain() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "source->out")) {
            CollectedEvents out = new CollectedEvents();
            harness.start("source", source(), config());
            ComponentRuntime sink = harness.start("out", out, "{}");
            ComponentHarness.await(
                    "some events",
                    () -> !out.times().isEmpty(),
                    () -> out.times().size());
            harness.crash("source");
            ComponentRuntime again = harness.start("source", source(), config());
            Phases.awaitDone(again, sink);

            // An id that changed on the second reading would be one too many, a lost event one too few.
            assertThat(out.times()).hasSize(expected());
        }
    }

    @Test
    void goesOnBehindWhatWasSettledAfterACleanEnd() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "source->out")) {
            CollectedEvents out = new CollectedEvents();
            ComponentRuntime source = harness.start("source", source(), config());
            ComponentRuntime sink = harness.start("out", out, "{}");
            Phases.awaitDone(source, sink);
            source.stop(java.time.Duration.ofSeconds(20), "test");
            source.awaitEnd();
            harness.crash("source");
            ComponentRuntime again = harness.start("source", source(), config());
            Phases.awaitDone(again, sink);

            assertThat(out.times().values()).as("how often each event came").containsOnly(1);
        }
    }

    @Test
    void refusesAKeyThatDoesNotExist() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "source->out")) {
            ComponentRuntime source = harness.start("source", source(), Phases.withUnknownKey(config()));
            assertThat(source.awaitEnd().reason()).contains("noSuchKey");
        }
    }
}
