// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.event.WireEventBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Emits what its config lists for every event that comes, or passes it on, or fails. */
final class StubProcessor implements EventProcessor {
    private Config config = new Config(true, List.of(), List.of());
    private Failures failures = new Failures(List.of());

    /**
     * The config.
     *
     * @param pass whether events go on as they came
     * @param emit what each becomes otherwise; nothing filters it
     * @param fail what fails before
     */
    record Config(boolean pass, List<Emitted> emit, List<Failures.Config> fail) {}

    /**
     * One event to emit: the one that came, but for what is said here.
     *
     * @param attributes what replaces its attributes; null takes one away
     * @param data what replaces its data, in JSON; null keeps it
     */
    record Emitted(
            Map<String, @Nullable Object> attributes,
            @Nullable String data) {}

    @Override
    public void open(ComponentContext context) {
        config = context.config(Config.class);
        failures = new Failures(config.fail());
    }

    @Override
    public void process(CloudEvent event, Emitter out) throws DeliveryException {
        WireEvent came = WireEvent.from(event);
        failures.attempt(came);
        if (config.pass()) {
            out.emit(event);
            return;
        }
        for (int i = 0; i < config.emit().size(); i++) {
            WireEventBuilder made = came.toBuilder();
            if (config.emit().size() > 1) {
                made.id(came.getId() + "/" + i);
            }
            Emitted emitted = config.emit().get(i);
            if (emitted.data() != null) {
                made.json(emitted.data().getBytes(StandardCharsets.UTF_8));
            }
            emitted.attributes().forEach(made::attribute);
            out.emit(made.build());
        }
    }
}
