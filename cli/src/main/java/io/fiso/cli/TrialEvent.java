// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.transform.EventTransform;
import io.fiso.transform.EventView;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event made from what was typed: of a structured CloudEvent its attributes and data, of anything else the text as data.
 *
 * @param described what its data is: datacontenttype and dataschema
 */
record TrialEvent(
        byte[] data,
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable String time,
        @Nullable String correlationId,
        Map<String, ?> extensions,
        Map<String, String> described)
        implements EventView {
    /** Keeps the digits of decimals. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final String CORRELATION_ID = "correlationid";
    private static final Set<String> DESCRIBING = Set.of("datacontenttype", "dataschema");

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

    /** The event that a transform makes of this one. */
    TrialEvent with(EventTransform.Output output) {
        Map<String, @Nullable Object> changed = new TreeMap<>(extensions);
        changed.put("id", id);
        changed.put("source", source);
        changed.put("type", type);
        changed.put("subject", subject);
        changed.put("time", time);
        changed.put(CORRELATION_ID, correlationId);
        changed.putAll(described);
        changed.putAll(output.attributes());
        Map<String, Object> others = new TreeMap<>();
        Map<String, String> description = new TreeMap<>();
        changed.forEach((name, value) -> {
            if (DESCRIBING.contains(name) && value != null) {
                description.put(name, value.toString());
            } else if (!NAMED_MEMBERS.contains(name) && value != null) {
                others.put(name, value);
            }
        });
        return new TrialEvent(
                output.data() == null ? data : output.data(),
                String.valueOf(changed.get("id")),
                String.valueOf(changed.get("source")),
                String.valueOf(changed.get("type")),
                string(changed.get("subject")),
                string(changed.get("time")),
                string(changed.get(CORRELATION_ID)),
                others,
                description);
    }

    private static @Nullable String string(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    /** As a structured CloudEvent, in one line. */
    String structured() {
        ObjectNode event = JSON.createObjectNode().put("specversion", "1.0");
        event.put("id", id).put("source", source).put("type", type);
        put(event, "subject", subject);
        put(event, "time", time);
        described.forEach(event::put);
        put(event, CORRELATION_ID, correlationId);
        extensions.forEach((name, value) -> {
            switch (value) {
                case Boolean flag -> event.put(name, flag);
                case Integer number -> event.put(name, number);
                case byte[] bytes -> event.put(name, Base64.getEncoder().encodeToString(bytes));
                default -> event.put(name, value.toString());
            }
        });
        String attributes = event.toString();
        return data.length == 0
                ? attributes
                : attributes.substring(0, attributes.length() - 1) + ",\"data\":" + dataAsJson() + "}";
    }

    private String dataAsJson() {
        String text = new String(data, StandardCharsets.UTF_8);
        try {
            JSON.readTree(text);
            return text.strip();
        } catch (JacksonException _) {
            return JSON.writeValueAsString(text);
        }
    }

    private static void put(ObjectNode event, String name, @Nullable String value) {
        if (value != null) {
            event.put(name, value);
        }
    }

    private static TrialEvent plain(byte[] data, String flow, String id) {
        return new TrialEvent(data, id, "fiso-flow/" + flow, "fiso.event", null, null, null, Map.of(), Map.of());
    }

    private static TrialEvent structured(JsonNode node) {
        Map<String, Object> extensions = new HashMap<>();
        node.properties().forEach(p -> {
            if (!NAMED_MEMBERS.contains(p.getKey())) {
                extensions.put(p.getKey(), extension(p.getValue()));
            }
        });
        Map<String, String> described = new TreeMap<>();
        DESCRIBING.forEach(name -> {
            if (node.has(name)) {
                described.put(name, node.get(name).asString());
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
                text(node, CORRELATION_ID),
                extensions,
                described);
    }

    private static Object extension(JsonNode value) {
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        return value.isInt() ? (Object) value.asInt() : value.asString();
    }

    private static @Nullable String text(JsonNode node, String name) {
        return node.has(name) ? node.get(name).asString() : null;
    }
}
