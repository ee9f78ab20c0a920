// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.transform.EventView;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An event made from what was typed: of a structured CloudEvent its attributes and data, of anything else the text as data. */
record TrialEvent(
        byte[] data,
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable String time,
        @Nullable String correlationId,
        Map<String, ?> extensions)
        implements EventView {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> STANDARD = Set.of(
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "dataschema",
            "data",
            "data_base64");

    static TrialEvent of(String text, String flow, int number) {
        try {
            JsonNode node = JSON.readTree(text);
            if (node.isObject()
                    && node.has("specversion")
                    && node.has("id")
                    && node.has("source")
                    && node.has("type")) {
                return structured(node);
            }
        } catch (JacksonException _) {
            // The transform says what is wrong with it.
        }
        return plain(text.getBytes(StandardCharsets.UTF_8), flow, "test-" + number);
    }

    @Override
    public byte[] dataArray() {
        return data;
    }

    @Override
    public int dataOffset() {
        return 0;
    }

    @Override
    public int dataLength() {
        return data.length;
    }

    /** The same event with another payload: what a second transform sees. */
    TrialEvent withData(byte[] other) {
        return new TrialEvent(other, id, source, type, subject, time, correlationId, extensions);
    }

    private static TrialEvent plain(byte[] data, String flow, String id) {
        return new TrialEvent(data, id, "fiso-flow/" + flow, "fiso.event", null, null, null, Map.of());
    }

    private static TrialEvent structured(JsonNode node) {
        Map<String, Object> extensions = new HashMap<>();
        node.properties().forEach(p -> {
            if (!STANDARD.contains(p.getKey())) {
                extensions.put(p.getKey(), p.getValue().asString());
            }
        });
        @Nullable JsonNode payload = node.get("data");
        return new TrialEvent(
                payload == null ? new byte[0] : payload.toString().getBytes(StandardCharsets.UTF_8),
                node.get("id").asString(),
                node.get("source").asString(),
                node.get("type").asString(),
                text(node, "subject"),
                text(node, "time"),
                text(node, "correlationid"),
                extensions);
    }

    private static @Nullable String text(JsonNode node, String name) {
        return node.has(name) ? node.get(name).asString() : null;
    }
}
