// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Emits what its config lists, in that order, and ends. */
final class StubSource implements EventSource {
    private List<Given> events = List.of();

    /**
     * The config.
     *
     * @param events what to emit
     */
    record Config(List<Given> events) {}

    /**
     * One event.
     *
     * @param key its order key; without one it keeps the order of all others without
     * @param event itself, in the JSON format of CloudEvents, as text: so the digits of its data stay as they are
     */
    record Given(@Nullable String key, String event) {}

    @Override
    public void open(SourceContext context) {
        events = context.config(Config.class).events();
    }

    @Override
    public void run(SourceContext context) throws InterruptedException {
        String partition = context.component();
        for (int i = 0; i < events.size() && !context.stopping(); i++) {
            Given given = events.get(i);
            String key = given.key() == null ? partition : given.key();
            context.emit(SourceEvent.of(
                    JsonFormat.decode(given.event().getBytes(StandardCharsets.UTF_8)),
                    partition,
                    i,
                    key.getBytes(StandardCharsets.UTF_8),
                    null));
        }
    }
}
