// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every sink promises, checked through the real wire: subclass it in the sink's own tests. */
@Timeout(180)
public abstract class SinkRecoveryContract {
    private static final int COUNT = 2_000;

    /** The directory of the test; what the sink writes may stand in it. */
    @TempDir
    protected Path directory;

    /** A fresh sink: an {@link EventSink} or a {@link BatchEventSink}. */
    protected abstract Object sink();

    /** A config (JSON object) with which the sink delivers to where {@link #delivered} looks. */
    protected abstract String config() throws Exception;

    /** The ids of the events that the outside has, in order. */
    protected abstract List<String> delivered() throws Exception;

    @Test
    void bringsEveryEventOutsideOnceInTheOrderOfItsKey() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it")) {
            ComponentRuntime source = harness.start("numbers", new NumberedEvents(COUNT), "{}");
            ComponentRuntime sink = start(harness, config());
            Phases.awaitDone(source, sink);

            assertThat(delivered()).hasSize(COUNT).doesNotHaveDuplicates();
            assertThat(NumberedEvents.outOfOrder(delivered())).isEmpty();
        }
    }

    @Test
    void losesNothingInACrash() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it")) {
            String config = config();
            ComponentRuntime source = harness.start("numbers", new NumberedEvents(COUNT), "{}");
            start(harness, config);
            harness.crash("it");
            ComponentRuntime again = start(harness, config);
            Phases.awaitDone(source, again);

            assertThat(delivered().stream().distinct().toList()).hasSize(COUNT);
        }
    }

    @Test
    void refusesAKeyThatDoesNotExist() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->it")) {
            assertThat(start(harness, Phases.withUnknownKey(config()))
                            .awaitEnd()
                            .reason())
                    .contains("noSuchKey");
        }
    }

    private ComponentRuntime start(ComponentHarness harness, String config) {
        return switch (sink()) {
            case EventSink one -> harness.start("it", one, config);
            case BatchEventSink many -> harness.start("it", many, config);
            case Object other -> throw new IllegalStateException(other + " is no sink");
        };
    }
}
