// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The test of the tests: each contract fails for a component that breaks it. */
@Timeout(300)
class ContractsCatchBrokenComponentsTest {
    @TempDir
    Path directory;

    @Test
    void aSinkThatLosesAnEvent() {
        List<String> outside = Collections.synchronizedList(new ArrayList<>());
        BatchEventSink forgetful = (events, _) -> events.stream()
                .map(CloudEvent::getId)
                .filter(id -> !id.equals("1234"))
                .forEach(outside::add);
        SinkRecoveryContract contract = sink(forgetful, outside);
        assertThatThrownBy(contract::bringsEveryEventOutsideOnceInTheOrderOfItsKey)
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aSinkThatTurnsBatchesAround() {
        List<String> outside = Collections.synchronizedList(new ArrayList<>());
        BatchEventSink backwards =
                (events, _) -> events.reversed().stream().map(CloudEvent::getId).forEach(outside::add);
        SinkRecoveryContract contract = sink(backwards, outside);
        assertThatThrownBy(contract::bringsEveryEventOutsideOnceInTheOrderOfItsKey)
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aProcessorThatFilters() {
        ProcessorRecoveryContract contract = new ProcessorRecoveryContract() {
            @Override
            protected EventProcessor processor() {
                return (event, out) -> {
                    if (!event.getId().equals("17")) {
                        out.emit(event);
                    }
                };
            }

            @Override
            protected String config() {
                return "{}";
            }
        };
        contract.directory = directory;
        assertThatThrownBy(contract::givesEveryEventOnceInTheOrderOfItsKey).isInstanceOf(AssertionError.class);
    }

    @Test
    void aSourceWhoseIdsChange() {
        SourceRecoveryContract contract = source(_ -> UUID.randomUUID().toString(), true);
        assertThatThrownBy(contract::losesNothingInACrashAndGivesTheSameIdsAgain)
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aSourceThatStartsOverAndOver() {
        SourceRecoveryContract contract = source(n -> Long.toString(n), false);
        assertThatThrownBy(contract::goesOnBehindWhatWasSettledAfterACleanEnd).isInstanceOf(AssertionError.class);
    }

    private SinkRecoveryContract sink(BatchEventSink sink, List<String> outside) {
        SinkRecoveryContract contract = new SinkRecoveryContract() {
            @Override
            protected Object sink() {
                return sink;
            }

            @Override
            protected String config() {
                return "{}";
            }

            @Override
            protected List<String> delivered() {
                return List.copyOf(outside);
            }
        };
        contract.directory = directory;
        return contract;
    }

    private SourceRecoveryContract source(java.util.function.LongFunction<String> ids, boolean remembers) {
        SourceRecoveryContract contract = new SourceRecoveryContract() {
            @Override
            protected EventSource source() {
                return new EventSource() {
                    @Override
                    public void run(SourceContext context) throws InterruptedException {
                        long start = context.checkpoint().position("p", 0);
                        // Crashes find it at work: every reading repeats the last event at least.
                        long first = remembers ? Math.max(0, start - 1) : 0;
                        String partition = remembers ? "p" : UUID.randomUUID().toString();
                        for (long n = first; n < expected(); n++) {
                            WireEvent event = WireEvent.builder()
                                    .id(ids.apply(n))
                                    .source("/s")
                                    .type("t")
                                    .build();
                            context.emit(SourceEvent.of(event, partition, n, new byte[] {1}, null));
                        }
                    }
                };
            }

            @Override
            protected String config() {
                return "{}";
            }

            @Override
            protected int expected() {
                return 3000;
            }
        };
        contract.directory = directory;
        return contract;
    }
}
