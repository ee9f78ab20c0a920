// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent over its bytes on the wire, a serialized {@code io.cloudevents.v1.CloudEvent}. Nothing is decoded before someone looks, and
 * then only what was asked for: looking at the type costs one walk over the top-level fields, an attribute costs one over the attributes.
 *
 * <p>Immutable and safe for use by any thread. The byte array that was passed in must not change afterwards. Bytes that are no
 * CloudEvent are found out on the first look, with {@link MalformedEventException}.
 */
public final class WireEvent implements CloudEvent {
    static final int ID = 1;
    static final int SOURCE = 2;
    static final int SPEC_VERSION = 3;
    static final int TYPE = 4;
    static final int ATTRIBUTES = 5;
    static final int BINARY_DATA = 6;
    static final int TEXT_DATA = 7;
    static final int PROTO_DATA = 8;

    private final byte[] bytes;
    private final int offset;
    private final int length;
    private @Nullable Layout layout;

    private WireEvent(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    /** An event over these bytes, which are kept, not copied. */
    public static WireEvent of(byte[] bytes) {
        return new WireEvent(bytes, 0, bytes.length);
    }

    /** An event over a slice of these bytes, which are kept, not copied. */
    public static WireEvent of(byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || length > bytes.length - offset) {
            throw new IndexOutOfBoundsException(offset + "+" + length + " in " + bytes.length + " bytes");
        }
        return new WireEvent(bytes, offset, length);
    }

    /** The event itself if it is a wire event, else a copy of it. */
    public static WireEvent from(CloudEvent event) {
        return event instanceof WireEvent wire ? wire : new WireEventBuilder(event).build();
    }

    /** Builds an event from nothing; {@code id}, {@code source} and {@code type} are required. */
    public static WireEventBuilder builder() {
        return new WireEventBuilder();
    }

    /** How many bytes it takes on the wire. */
    public int size() {
        return length;
    }

    /** Copies the serialized message. */
    public void copyTo(byte[] target, int at) {
        System.arraycopy(bytes, offset, target, at, length);
    }

    /** The array that holds the serialized message, between {@link #offset} and {@code offset() + size()}. Must not be changed. */
    public byte[] array() {
        return bytes;
    }

    /** Where the serialized message begins in {@link #array}. */
    public int offset() {
        return offset;
    }

    /** A copy of the serialized message. */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    /** Whether it carries data, be it empty. */
    public boolean hasData() {
        return layout().dataField != 0;
    }

    /** Where the data begins in {@link #array}. */
    public int dataOffset() {
        return layout().dataAt;
    }

    /** How many bytes of data there are. */
    public int dataLength() {
        return layout().dataLength;
    }

    /** A read-only view of the data; empty if there is none. */
    public ByteBuffer dataBuffer() {
        return ByteBuffer.wrap(bytes, dataOffset(), dataLength()).slice().asReadOnlyBuffer();
    }

    /** A copy of the data; empty if there is none. */
    public byte[] dataBytes() {
        return Arrays.copyOfRange(bytes, dataOffset(), dataOffset() + dataLength());
    }

    /** The same event with other data; attributes are copied unparsed. Null takes the data away. */
    public WireEvent withData(byte @Nullable [] data) {
        WireEventBuilder.checkRequired(this);
        // As long as the result is, in the usual encoding: then it is not copied once more.
        int others = length - (hasData() ? dataFieldSize(dataLength()) : 0);
        ProtoWriter out = new ProtoWriter(others + (data == null ? 0 : dataFieldSize(data.length)));
        copyFields(out, false);
        if (data != null) {
            out.delimited(BINARY_DATA, data);
        }
        return of(out.toByteArray());
    }

    private static int dataFieldSize(int dataLength) {
        return 1 + ProtoWriter.varintSize(dataLength) + dataLength;
    }

    /** The same event with an attribute set; null takes it away. Everything else is copied unparsed. */
    public WireEvent with(String attribute, @Nullable Object value) {
        return toBuilder().attribute(attribute, value).build();
    }

    /** The same event with another id. */
    public WireEvent withId(String id) {
        return toBuilder().id(id).build();
    }

    /** The same event with another type. */
    public WireEvent withType(String type) {
        return toBuilder().type(type).build();
    }

    /** A builder that starts from this event; what is not set again is copied unparsed. */
    public WireEventBuilder toBuilder() {
        return new WireEventBuilder(this);
    }

    @Override
    public SpecVersion getSpecVersion() {
        Layout found = layout();
        return found.specVersionLength == 0
                ? SpecVersion.V1
                : SpecVersion.parse(text(found.specVersionAt, found.specVersionLength));
    }

    @Override
    public String getId() {
        Layout found = layout();
        return text(found.idAt, found.idLength);
    }

    @Override
    public String getType() {
        Layout found = layout();
        return text(found.typeAt, found.typeLength);
    }

    /** The source as it stands on the wire, which need not be a valid URI. */
    public String source() {
        Layout found = layout();
        return text(found.sourceAt, found.sourceLength);
    }

    @Override
    public URI getSource() {
        return uri("source", source());
    }

    @Override
    public @Nullable String getDataContentType() {
        return string("datacontenttype");
    }

    @Override
    public @Nullable URI getDataSchema() {
        String value = string("dataschema");
        return value == null ? null : uri("dataschema", value);
    }

    @Override
    public @Nullable String getSubject() {
        return string("subject");
    }

    @Override
    public @Nullable OffsetDateTime getTime() {
        Object value = value("time");
        return switch (value) {
            case null -> null;
            case OffsetDateTime time -> time;
            case Object text -> parseTime(text.toString());
        };
    }

    /** An attribute or extension as text, whatever its type; null if it is not there. */
    public @Nullable String string(String attribute) {
        Object value = value(attribute);
        return switch (value) {
            case null -> null;
            case byte[] binary -> Base64.getEncoder().encodeToString(binary);
            case OffsetDateTime time -> time.toInstant().toString();
            case Object other -> other.toString();
        };
    }

    /** Whether an attribute or extension is there; like {@code string(attribute) != null}, and mostly without decoding it. */
    public boolean has(String attribute) {
        boolean has = false;
        ProtoReader fields = attributes();
        while (fields.next()) {
            if (fields.is(ATTRIBUTES)) {
                int entryLength = fields.delimited();
                int at = fields.position() - entryLength;
                if (entryIsNamed(attribute, at, entryLength)) {
                    has = textAt(attribute, at, entryLength) >= 0 || entryValue(at, entryLength) != null;
                }
            } else {
                fields.skip();
            }
        }
        return has;
    }

    /** Whether an attribute or extension is this text, which is ASCII; mostly without decoding it. */
    public boolean isText(String attribute, String ascii) {
        boolean is = false;
        ProtoReader fields = attributes();
        while (fields.next()) {
            if (fields.is(ATTRIBUTES)) {
                int entryLength = fields.delimited();
                int at = fields.position() - entryLength;
                if (entryIsNamed(attribute, at, entryLength)) {
                    int textAt = textAt(attribute, at, entryLength);
                    is = textAt >= 0
                            ? at + entryLength - textAt == ascii.length() && isAscii(textAt, ascii)
                            : ascii.equals(entryValue(at, entryLength));
                }
            } else {
                fields.skip();
            }
        }
        return is;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return switch (name) {
            case "id" -> getId();
            case "source" -> getSource();
            case "type" -> getType();
            case "specversion" -> getSpecVersion();
            case "datacontenttype" -> getDataContentType();
            case "dataschema" -> getDataSchema();
            case "subject" -> getSubject();
            case "time" -> getTime();
            default ->
                throw new IllegalArgumentException(
                        "'" + name + "' is no attribute of CloudEvents 1.0; see getExtension");
        };
    }

    @Override
    public @Nullable Object getExtension(String name) {
        return isContextAttribute(name) ? null : value(name);
    }

    @Override
    public Set<String> getExtensionNames() {
        Set<String> names = new LinkedHashSet<>();
        ProtoReader fields = attributes();
        while (fields.next()) {
            if (fields.is(ATTRIBUTES)) {
                int entryLength = fields.delimited();
                String name = entryName(fields.position() - entryLength, entryLength);
                if (!isContextAttribute(name)) {
                    names.add(name);
                }
            } else {
                fields.skip();
            }
        }
        return Collections.unmodifiableSet(names);
    }

    @Override
    public @Nullable CloudEventData getData() {
        return hasData() ? this::dataBytes : null;
    }

    /** Whether all attributes are there that every event needs. */
    boolean isComplete() {
        Layout found = layout();
        return found.idLength > 0 && found.sourceLength > 0 && found.typeLength > 0;
    }

    /** Whether the payload came as text rather than bytes or a protobuf message. */
    boolean hasTextData() {
        return layout().dataField == TEXT_DATA;
    }

    /** Throws unless the bytes are a CloudEvent with all that is required. */
    public void validate() {
        WireEventBuilder.checkRequired(this);
        for (String name : getExtensionNames()) {
            value(name);
        }
        getSource();
        getTime();
        getDataSchema();
    }

    /** Two events are equal when they are the same bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WireEvent that
                && Arrays.equals(bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(bytes, offset, length).hashCode();
    }

    /** Names the event; shows no payload. */
    @Override
    public String toString() {
        return "CloudEvent[id=" + getId() + ", source=" + source() + ", type=" + getType() + ", " + dataLength()
                + " bytes of data]";
    }

    /** Copies the top-level fields except the data and, on request, except the four required ones. */
    void copyFields(ProtoWriter out, boolean attributesOnly) {
        ProtoReader fields = new ProtoReader(bytes, offset, length);
        int begin = fields.position();
        while (fields.next()) {
            fields.skip();
            int field = fields.field();
            boolean data = field >= BINARY_DATA && field <= PROTO_DATA;
            if (!data && (!attributesOnly || field > TYPE)) {
                out.raw(bytes, begin, fields.position() - begin);
            }
            begin = fields.position();
        }
    }

    /** Copies the attribute entries except those of these names. */
    void copyAttributes(ProtoWriter out, Set<String> except) {
        if (except.isEmpty()) {
            copyFields(out, true);
            return;
        }
        ProtoReader fields = new ProtoReader(bytes, offset, length);
        while (fields.next()) {
            if (fields.is(ATTRIBUTES)) {
                int entryLength = fields.delimited();
                int at = fields.position() - entryLength;
                if (!except.contains(entryName(at, entryLength))) {
                    out.delimited(ATTRIBUTES, bytes, at, entryLength);
                }
            } else {
                fields.skip();
            }
        }
    }

    void copyData(ProtoWriter out) {
        Layout found = layout();
        if (found.dataField != 0) {
            out.delimited(found.dataField, bytes, found.dataAt, found.dataLength);
        }
    }

    static OffsetDateTime parseTime(String text) {
        try {
            return OffsetDateTime.parse(text);
        } catch (DateTimeParseException e) {
            throw new MalformedEventException("attribute 'time' is '" + text + "', which is no RFC 3339 timestamp", e);
        }
    }

    static boolean isContextAttribute(String name) {
        return switch (name) {
            case "id", "source", "type", "specversion", "datacontenttype", "dataschema", "subject", "time" -> true;
            default -> false;
        };
    }

    /** Over the part of the message that holds the attributes, whatever else stands between them. */
    private ProtoReader attributes() {
        Layout found = layout();
        return new ProtoReader(bytes, found.attributesAt, found.attributesLength);
    }

    private @Nullable Object value(String name) {
        Object value = null;
        ProtoReader fields = attributes();
        while (fields.next()) {
            if (fields.is(ATTRIBUTES)) {
                int entryLength = fields.delimited();
                int at = fields.position() - entryLength;
                if (entryIsNamed(name, at, entryLength)) {
                    value = entryValue(at, entryLength);
                }
            } else {
                fields.skip();
            }
        }
        return value;
    }

    private boolean entryIsNamed(String name, int at, int entryLength) {
        int nameLength = name.length();
        // The usual encoding, compared in place: the key first, in ASCII, then the value.
        boolean usual = entryLength > nameLength + 2
                && bytes[at] == ((1 << 3) | ProtoWriter.DELIMITED)
                && bytes[at + 1] == nameLength
                && bytes[at + 2 + nameLength] == ((2 << 3) | ProtoWriter.DELIMITED);
        if (!usual) {
            return entryLength >= nameLength && name.equals(entryName(at, entryLength));
        }
        return isAscii(at + 2, name);
    }

    private boolean isAscii(int at, String text) {
        for (int index = 0; index < text.length(); index++) {
            if (bytes[at + index] != text.charAt(index)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where the text of an entry of this name begins, which then ends with the entry; -1 if the entry is encoded in some other way than the
     * usual, or is no text.
     */
    private int textAt(String name, int at, int entryLength) {
        // A tag and a length of one byte each: of the name, of the value, of the text in the value.
        int text = at + name.length() + 6;
        int left = at + entryLength - text;
        return left >= 0
                        && left < 0x80 - 2
                        && bytes[at] == ((1 << 3) | ProtoWriter.DELIMITED)
                        && bytes[at + 1] == name.length()
                        && bytes[text - 4] == ((2 << 3) | ProtoWriter.DELIMITED)
                        && bytes[text - 3] == left + 2
                        && bytes[text - 2] == ((3 << 3) | ProtoWriter.DELIMITED)
                        && bytes[text - 1] == left
                ? text
                : -1;
    }

    private String entryName(int at, int entryLength) {
        String name = "";
        ProtoReader entry = new ProtoReader(bytes, at, entryLength);
        while (entry.next()) {
            if (entry.is(1)) {
                name = entry.string();
            } else {
                entry.skip();
            }
        }
        return name;
    }

    private @Nullable Object entryValue(int at, int entryLength) {
        Object value = null;
        ProtoReader entry = new ProtoReader(bytes, at, entryLength);
        while (entry.next()) {
            if (entry.is(2)) {
                int valueLength = entry.delimited();
                Object read = attributeValue(entry.position() - valueLength, valueLength);
                value = read == null ? value : read;
            } else {
                entry.skip();
            }
        }
        return value;
    }

    private @Nullable Object attributeValue(int at, int valueLength) {
        Object value = null;
        ProtoReader reader = new ProtoReader(bytes, at, valueLength);
        while (reader.next()) {
            value = switch (reader.field()) {
                case 1 -> reader.varint() != 0;
                case 2 -> (int) reader.varint();
                case 3 -> reader.string();
                case 4 -> {
                    int size = reader.delimited();
                    yield Arrays.copyOfRange(bytes, reader.position() - size, reader.position());
                }
                case 5, 6 -> uri("uri", reader.string());
                case 7 -> {
                    int size = reader.delimited();
                    yield timestamp(reader.position() - size, size);
                }
                default -> {
                    reader.skip();
                    yield value;
                }
            };
        }
        return value;
    }

    private OffsetDateTime timestamp(int at, int size) {
        long seconds = 0;
        long nanos = 0;
        ProtoReader reader = new ProtoReader(bytes, at, size);
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> seconds = reader.varint();
                case 2 -> nanos = reader.varint();
                default -> reader.skip();
            }
        }
        try {
            return Instant.ofEpochSecond(seconds, nanos).atOffset(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new MalformedEventException("a timestamp of " + seconds + " s is out of range", e);
        }
    }

    private static URI uri(String attribute, String value) {
        try {
            return new URI(value);
        } catch (URISyntaxException e) {
            throw new MalformedEventException("attribute '" + attribute + "' is '" + value + "', which is no URI", e);
        }
    }

    private String text(int at, int size) {
        return size == 0 ? "" : new String(bytes, at, size, StandardCharsets.UTF_8);
    }

    private Layout layout() {
        Layout found = layout;
        if (found == null) {
            // A race here costs a second walk; Layout's fields are final, so that it is published safely.
            found = new Layout(bytes, offset, length);
            layout = found;
        }
        return found;
    }
}
