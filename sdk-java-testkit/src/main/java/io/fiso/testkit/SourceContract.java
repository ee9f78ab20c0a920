// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every bounded source must keep, checked over real gRPC. A component's test implements this and says how to make its source, and what
 * its input holds.
 */
@Timeout(180)
public interface SourceContract {
    EventSource source();

    /** Its config, as JSON, for an input that ends. */
    String config(Path directory) throws Exception;

    /** How many events that input holds. */
    int expectedEvents();

    @Test
    default void emitsEveryEventWithAnIdOfItsOwnAndEnds(@TempDir Path directory) throws Exception {
        List<CloudEvent> events = runToEnd(directory);

        assertThat(events).hasSize(expectedEvents());
        assertThat(events.stream().map(CloudEvent::getId)).doesNotHaveDuplicates();
    }

    /** Guarantee D6. */
    @Test
    default void givesAnEventTheSameIdWhenItReadsItAgain(@TempDir Path first, @TempDir Path second) throws Exception {
        List<String> once = runToEnd(first).stream().map(CloudEvent::getId).toList();
        List<String> again = runToEnd(second).stream().map(CloudEvent::getId).toList();

        assertThat(again).containsExactlyInAnyOrderElementsOf(once);
    }

    private List<CloudEvent> runToEnd(Path directory) throws Exception {
        CollectingSink out = new CollectingSink();
        try (ComponentHarness harness = new ComponentHarness(directory, "it->out")) {
            ComponentRuntime source = harness.start("it", source(), config(directory));
            harness.start("out", out, "{}");
            ComponentHarness.await(
                    "the source is done",
                    () -> source.phase() == ComponentPhase.COMPONENT_PHASE_DONE
                            || source.phase() == ComponentPhase.COMPONENT_PHASE_FAILED,
                    source::phase);
            assertThat(source.phase()).isEqualTo(ComponentPhase.COMPONENT_PHASE_DONE);
        }
        return out.events();
    }
}
