// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import io.cloudevents.CloudEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The JSON format of CloudEvents 1.0. JSON data stands in {@code data} byte for byte as it was, digits and spaces included, in both directions;
 * text ({@code text/*}) stands there as a string; anything else, and what claims to be JSON and is not, in {@code data_base64}.
 */
public final class JsonFormat {
    /** The content type of one event in this format. */
    public static final String CONTENT_TYPE = "application/cloudevents+json";

    private JsonFormat() {}

    /** Encodes an event. */
    public static byte[] encode(CloudEvent event) {
        return encode(WireEvent.from(event), false);
    }

    /** Encodes an event on a single line: line breaks between the tokens of its data become spaces. For files of one event per line. */
    public static byte[] encodeLine(CloudEvent event) {
        return encode(WireEvent.from(event), true);
    }

    /**
     * Decodes an event.
     *
     * @throws MalformedEventException with what was found and what was expected
     */
    public static WireEvent decode(byte[] json) {
        return decode(json, 0, json.length);
    }

    /** Decodes an event from a slice. */
    public static WireEvent decode(byte[] json, int offset, int length) {
        try (JsonParser parser = JsonData.parser(json, offset, length)) {
            return new Decoder(json, offset, parser).decode();
        } catch (JacksonException e) {
            throw new MalformedEventException("not a CloudEvent in JSON format: " + e.getOriginalMessage(), e);
        }
    }

    private static byte[] encode(WireEvent event, boolean line) {
        WireEventBuilder.checkRequired(event);
        Output out = new Output(event.size() + 128);
        out.ascii("{\"specversion\":\"1.0\"");
        out.text("id", event.getId());
        out.text("source", event.source());
        out.text("type", event.getType());
        String contentType = event.getDataContentType();
        for (String name : new String[] {"datacontenttype", "dataschema", "subject", "time"}) {
            String value = event.string(name);
            if (value != null) {
                out.text(name, value);
            }
        }
        for (String name : event.getExtensionNames()) {
            Object value = event.getExtension(name);
            switch (value) {
                case null -> {}
                case Boolean flag -> out.bare(name, flag.toString());
                case Integer number -> out.bare(name, number.toString());
                case OffsetDateTime time -> out.text(name, time.toInstant().toString());
                case byte[] binary -> out.text(name, Base64.getEncoder().encodeToString(binary));
                case Object other -> out.text(name, other.toString());
            }
        }
        if (event.hasData()) {
            data(event, contentType, out, line);
        }
        out.write('}');
        return out.toByteArray();
    }

    private static void data(WireEvent event, @Nullable String contentType, Output out, boolean line) {
        byte[] bytes = event.array();
        int at = event.dataOffset();
        int length = event.dataLength();
        if (JsonData.isJson(contentType) && JsonData.isOneValue(bytes, at, length)) {
            out.name("data");
            out.value(bytes, at, length, line);
            return;
        }
        String text = JsonData.isText(contentType) ? JsonData.asText(bytes, at, length) : null;
        if (text != null) {
            out.text("data", text);
        } else {
            out.text("data_base64", Base64.getEncoder().encodeToString(event.dataBytes()));
        }
    }

    private static final class Output extends ByteArrayOutputStream {
        Output(int capacity) {
            super(capacity);
        }

        void ascii(String text) {
            writeBytes(text.getBytes(StandardCharsets.UTF_8));
        }

        void name(String name) {
            write(',');
            quoted(name);
            write(':');
        }

        void text(String name, String value) {
            name(name);
            quoted(value);
        }

        void bare(String name, String value) {
            name(name);
            ascii(value);
        }

        void value(byte[] bytes, int at, int length, boolean line) {
            int begin = count;
            write(bytes, at, length);
            for (int index = begin; line && index < count; index++) {
                // A raw line break is only valid between tokens, where a space means the same.
                if (buf[index] == '\n' || buf[index] == '\r') {
                    buf[index] = ' ';
                }
            }
        }

        private void quoted(String value) {
            write('"');
            writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(value));
            write('"');
        }
    }

    private static final class Decoder {
        private final byte[] json;
        private final int offset;
        private final JsonParser parser;
        private final WireEventBuilder event = WireEvent.builder();
        private String contentType = "application/json";
        private int dataAt = -1;
        private int dataEnd;
        private String dataText = "";
        private boolean dataIsText;
        private byte[] binary = {};
        private boolean binarySet;
        private boolean versionSeen;

        Decoder(byte[] json, int offset, JsonParser parser) {
            this.json = json;
            this.offset = offset;
            this.parser = parser;
        }

        WireEvent decode() {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedEventException("not a CloudEvent in JSON format: expected an object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                member(name);
            }
            if (parser.nextToken() != null) {
                throw new MalformedEventException("not a CloudEvent in JSON format: something follows the object");
            }
            if (!versionSeen) {
                throw new MalformedEventException(
                        "not a CloudEvent in JSON format: 'specversion' is missing; expected \"1.0\"");
            }
            finishData();
            return event.build();
        }

        private void member(String name) {
            switch (name) {
                case "data" -> rememberData();
                case "data_base64" -> {
                    if (parser.currentToken() != JsonToken.VALUE_NULL) {
                        binary = decodeBase64();
                        binarySet = true;
                    }
                }
                default -> attribute(name);
            }
        }

        private void attribute(String name) {
            Object value = switch (parser.currentToken()) {
                case VALUE_STRING -> parser.getString();
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_NUMBER_INT -> integer(name);
                case VALUE_NULL -> null;
                default ->
                    throw new MalformedEventException("attribute '" + name + "' is neither text, boolean nor integer");
            };
            if (value == null) {
                return;
            }
            boolean text = value instanceof String;
            if (WireEvent.isContextAttribute(name) && !text) {
                throw new MalformedEventException("attribute '" + name + "' must be text");
            }
            versionSeen |= "specversion".equals(name);
            contentType = "datacontenttype".equals(name) ? value.toString() : contentType;
            event.attribute(name, value);
        }

        private Integer integer(String name) {
            if (parser.getNumberType() != JsonParser.NumberType.INT) {
                throw new MalformedEventException("attribute '" + name + "' is " + parser.getString()
                        + ", beyond the 32 bits of a CloudEvents integer; send it as text");
            }
            return parser.getIntValue();
        }

        private byte[] decodeBase64() {
            try {
                return Base64.getDecoder().decode(parser.getString());
            } catch (IllegalArgumentException e) {
                throw new MalformedEventException("'data_base64' is not base64: " + e.getMessage(), e);
            }
        }

        private void rememberData() {
            dataIsText = parser.currentToken() == JsonToken.VALUE_STRING;
            dataAt = offset + (int) parser.currentTokenLocation().getByteOffset();
            if (dataIsText) {
                dataText = parser.getString();
            }
            parser.skipChildren();
            parser.finishToken();
            dataEnd = offset + (int) parser.currentLocation().getByteOffset();
        }

        private void finishData() {
            if (binarySet) {
                if (dataAt >= 0) {
                    throw new MalformedEventException("an event has 'data' or 'data_base64', not both");
                }
                event.data(binary);
            } else if (dataAt >= 0 && dataIsText && !JsonData.isJson(contentType)) {
                event.data(dataText.getBytes(StandardCharsets.UTF_8));
            } else if (dataAt >= 0) {
                event.data(Arrays.copyOfRange(json, dataAt, dataEnd));
            }
        }
    }
}
