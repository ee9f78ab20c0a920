// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Encodes an event. Data is written as bytes whatever its content type, so that payloads that are no valid text survive. A timestamp that was given as
 * text, and that a timestamp value would not give back as it was, stays text.
 */
public final class WireEventBuilder {
    private static final int USUAL_OVERHEAD = 64;
    private static final byte[] SPEC_VERSION_1 = "1.0".getBytes(StandardCharsets.US_ASCII);

    private final @Nullable WireEvent base;
    private @Nullable String id;
    private @Nullable String source;
    private @Nullable String type;
    private @Nullable Map<String, @Nullable Object> attributes;
    private byte @Nullable [] data;
    private boolean dataSet;

    WireEventBuilder() {
        this.base = null;
    }

    WireEventBuilder(WireEvent base) {
        this.base = base;
    }

    WireEventBuilder(CloudEvent event) {
        this();
        id(event.getId());
        source(event.getSource().toString());
        type(event.getType());
        attribute("datacontenttype", event.getDataContentType());
        attribute("dataschema", event.getDataSchema());
        attribute("subject", event.getSubject());
        attribute("time", event.getTime());
        for (String name : event.getExtensionNames()) {
            attribute(name, event.getExtension(name));
        }
        CloudEventData payload = event.getData();
        data(payload == null ? null : payload.toBytes());
    }

    public WireEventBuilder id(String value) {
        id = value;
        return this;
    }

    public WireEventBuilder source(String value) {
        source = value;
        return this;
    }

    public WireEventBuilder source(URI value) {
        return source(value.toString());
    }

    public WireEventBuilder type(String value) {
        type = value;
        return this;
    }

    public WireEventBuilder subject(@Nullable String value) {
        return attribute("subject", value);
    }

    public WireEventBuilder time(@Nullable OffsetDateTime value) {
        return attribute("time", value);
    }

    public WireEventBuilder time(Instant value) {
        return attribute("time", value);
    }

    public WireEventBuilder contentType(@Nullable String value) {
        return attribute("datacontenttype", value);
    }

    /** The data; null for none. The bytes are copied when the event is built. */
    public WireEventBuilder data(byte @Nullable [] value) {
        data = value;
        dataSet = true;
        return this;
    }

    /** JSON data: sets the content type with it. */
    public WireEventBuilder json(byte[] value) {
        return contentType("application/json").data(value);
    }

    /**
     * An attribute or extension: text, {@code Boolean}, {@code Integer}, {@code byte[]}, {@code URI}, {@code OffsetDateTime} or {@code Instant};
     * null takes it away.
     */
    public WireEventBuilder attribute(String name, @Nullable Object value) {
        switch (name) {
            case "id" -> id = String.valueOf(value);
            case "source" -> source = String.valueOf(value);
            case "type" -> type = String.valueOf(value);
            case "specversion" -> checkSpecVersion(String.valueOf(value));
            default -> setOptional(name, value);
        }
        return this;
    }

    /** The event; throws {@link MalformedEventException} if a required attribute is missing or a name is not allowed. */
    public WireEvent build() {
        ProtoWriter out = new ProtoWriter(expectedSize());
        required(out, WireEvent.ID, "id", id != null || base == null ? id : base.getId());
        required(out, WireEvent.SOURCE, "source", source != null || base == null ? source : base.source());
        out.delimited(WireEvent.SPEC_VERSION, SPEC_VERSION_1);
        required(out, WireEvent.TYPE, "type", type != null || base == null ? type : base.getType());
        Map<String, @Nullable Object> changed = attributes;
        if (base != null) {
            base.copyAttributes(out, changed == null ? Set.of() : changed.keySet());
        }
        if (changed != null) {
            changed.forEach((name, value) -> writeAttribute(out, name, value));
        }
        if (dataSet) {
            if (data != null) {
                out.delimited(WireEvent.BINARY_DATA, data);
            }
        } else if (base != null) {
            base.copyData(out);
        }
        return WireEvent.of(out.toByteArray());
    }

    static void checkRequired(WireEvent event) {
        if (!event.isComplete()) {
            throw new MalformedEventException("a CloudEvent needs id, source and type; found " + event);
        }
    }

    private int expectedSize() {
        int size = USUAL_OVERHEAD + (base == null ? 0 : base.size());
        size += dataSet && data != null ? data.length : 0;
        return size + (attributes == null ? 0 : attributes.size() * USUAL_OVERHEAD);
    }

    private void setOptional(String name, @Nullable Object value) {
        if (value == null && base == null && attributes == null) {
            return;
        }
        if (value != null && !WireEvent.isContextAttribute(name)) {
            checkName(name);
        }
        if (attributes == null) {
            attributes = new LinkedHashMap<>();
        }
        attributes.put(name, value);
    }

    private static void required(ProtoWriter out, int field, String name, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw new MalformedEventException(
                    "a CloudEvent needs the attribute '" + name + "', and it must not be empty");
        }
        out.string(field, value);
    }

    private static void checkSpecVersion(String value) {
        if (!"1.0".equals(value)) {
            throw new MalformedEventException("attribute 'specversion' is '" + value + "'; only 1.0 is known here");
        }
    }

    private static void checkName(String name) {
        boolean allowed = !name.isEmpty() && !"data".equals(name);
        for (int index = 0; allowed && index < name.length(); index++) {
            char letter = name.charAt(index);
            allowed = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        }
        if (!allowed) {
            throw new MalformedEventException(
                    "'" + name + "' is no name for a CloudEvents attribute: use lower-case letters and digits only");
        }
    }

    private static void writeAttribute(ProtoWriter out, String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        ProtoWriter typed = new ProtoWriter(USUAL_OVERHEAD);
        switch (value) {
            case Boolean flag -> {
                typed.tag(1, ProtoWriter.VARINT);
                typed.varint(flag ? 1 : 0);
            }
            case Integer number -> {
                typed.tag(2, ProtoWriter.VARINT);
                typed.varint(number);
            }
            case byte[] binary -> typed.delimited(4, binary);
            case URI uri -> typed.string(5, uri.toString());
            case OffsetDateTime time -> writeTime(typed, time.toInstant());
            case Instant time -> writeTime(typed, time);
            case Object text -> writeText(typed, name, text.toString());
        }
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        byte[] encoded = typed.toByteArray();
        out.tag(WireEvent.ATTRIBUTES, ProtoWriter.DELIMITED);
        out.varint(2L
                + ProtoWriter.varintSize(key.length)
                + key.length
                + ProtoWriter.varintSize(encoded.length)
                + encoded.length);
        out.delimited(1, key);
        out.delimited(2, encoded);
    }

    private static void writeText(ProtoWriter out, String name, String text) {
        switch (name) {
            case "time" -> writeTimeText(out, text);
            case "dataschema" -> out.string(5, text);
            default -> out.string(3, text);
        }
    }

    private static void writeTimeText(ProtoWriter out, String text) {
        Instant time = WireEvent.parseTime(text).toInstant();
        if (time.toString().equals(text)) {
            writeTime(out, time);
        } else {
            out.string(3, text);
        }
    }

    private static void writeTime(ProtoWriter out, Instant time) {
        ProtoWriter timestamp = new ProtoWriter(20);
        if (time.getEpochSecond() != 0) {
            timestamp.tag(1, ProtoWriter.VARINT);
            timestamp.varint(time.getEpochSecond());
        }
        if (time.getNano() != 0) {
            timestamp.tag(2, ProtoWriter.VARINT);
            timestamp.varint(time.getNano());
        }
        out.delimited(7, timestamp.toByteArray());
    }
}
