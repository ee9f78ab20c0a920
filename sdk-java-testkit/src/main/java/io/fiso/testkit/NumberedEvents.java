// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A source of so many events with the ids 0, 1, 2 …, over ten order keys. */
public final class NumberedEvents implements EventSource {
    private static final int KEYS = 10;
    private static final String PARTITION = "numbers-0";

    private final int count;

    public NumberedEvents(int count) {
        this.count = count;
    }

    @Override
    public void run(SourceContext context) throws InterruptedException {
        for (long n = context.checkpoint().position(PARTITION, 0); n < count && !context.stopping(); n++) {
            WireEvent event = WireEvent.builder()
                    .id(Long.toString(n))
                    .source("/numbers")
                    .type("number")
                    .json(("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))
                    .build();
            context.emit(SourceEvent.of(event, PARTITION, n, new byte[] {(byte) (n % KEYS)}, null));
        }
    }

    /** Ids that came behind a later one of their key. */
    public static List<String> outOfOrder(List<String> ids) {
        Map<Long, Long> last = new HashMap<>();
        List<String> late = new ArrayList<>();
        for (String id : ids) {
            long n = Long.parseLong(id);
            Long before = last.put(n % KEYS, n);
            if (before != null && before > n) {
                late.add(id);
            }
        }
        return late;
    }
}
