// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes down what arrives, one line each: {@code {"key": <order key>, "event": <the event in JSON format>}}. Takes batches, since these come with order keys. */
final class StubSink implements BatchEventSink {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Path record = Path.of("");
    private Failures failures = new Failures(List.of());

    /**
     * The config.
     *
     * @param record the file to write to
     * @param fail what fails instead
     */
    record Config(String record, List<Failures.Config> fail) {}

    @Override
    public void open(ComponentContext context) {
        Config config = context.config(Config.class);
        record = Path.of(config.record());
        failures = new Failures(config.fail());
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws IOException {
        Map<String, DeliveryException> failedKeys = new HashMap<>();
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (int i = 0; i < events.size(); i++) {
            WireEvent event = WireEvent.from(events.get(i));
            String key = new String(outcome.orderKey(i), StandardCharsets.UTF_8);
            DeliveryException before = failedKeys.get(key);
            if (before != null) {
                // Behind one that failed it must not arrive, and was not tried.
                outcome.failed(i, before);
                continue;
            }
            try {
                failures.attempt(event);
                lines.writeBytes(
                        ("{\"key\":" + JSON.writeValueAsString(key) + ",\"event\":").getBytes(StandardCharsets.UTF_8));
                lines.writeBytes(JsonFormat.encodeLine(event));
                lines.writeBytes("}\n".getBytes(StandardCharsets.UTF_8));
            } catch (DeliveryException e) {
                outcome.failed(i, e);
                if (!key.isEmpty()) {
                    failedKeys.put(key, e);
                }
            }
        }
        Files.write(record, lines.toByteArray(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
