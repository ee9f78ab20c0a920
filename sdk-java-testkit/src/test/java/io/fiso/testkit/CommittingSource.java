// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Emits events with the ids 0, 1, 2 … of one partition, each of its own key, and remembers what it could commit. */
final class CommittingSource implements EventSource {
    private final int count;
    private final @Nullable DeadLetterStore store;
    private volatile long committed;
    private boolean releasing;

    CommittingSource(int count, @Nullable DeadLetterStore store) {
        this.count = count;
        this.store = store;
    }

    /** Commits what it could commit, in the end only, and gives the partition away in the same moment. */
    CommittingSource releasingInTheEnd() {
        releasing = true;
        return this;
    }

    /** The position after the last that was settled with all before it. */
    long committed() {
        return committed;
    }

    @Override
    public void open(SourceContext context) {
        if (store != null) {
            context.deadLetters(store);
        }
    }

    @Override
    public void run(SourceContext context) throws InterruptedException {
        for (int n = 0; n < count; n++) {
            WireEvent event = WireEvent.builder()
                    .id(Integer.toString(n))
                    .source("/numbers")
                    .type("number")
                    .json(Integer.toString(n).getBytes(StandardCharsets.UTF_8))
                    .build();
            context.emit(SourceEvent.of(event, "numbers-0", n, new byte[] {(byte) n, 1}, null));
        }
        while (!context.stopping() && committed < count) {
            context.await(Duration.ofMillis(50));
            SettledPosition moved = context.settled().get("numbers-0");
            committed = moved == null ? committed : moved.next();
            if (releasing && moved != null && committed == count) {
                context.committed(Map.of("numbers-0", moved));
                context.release("numbers-0");
            }
        }
    }
}
