// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;

/** Between JSON text and the values expressions work on, with nothing in between. Thread-safe. */
final class JsonFormat {
    /** From here on whole numbers are written with an exponent. */
    private static final double PLAIN_BELOW = 1e21;

    private final JsonFactory factory;
    private final int maxDepth;

    JsonFormat(int maxDepth) {
        this.maxDepth = maxDepth;
        this.factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .build())
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                .build();
    }

    /** The parts of a payload that are needed. All of it is checked for being JSON. */
    Object read(byte[] json, NeededPaths needed, Digits digits) throws TransformException {
        if (json.length == 0) {
            return NullValue.NULL_VALUE;
        }
        try (var parser = factory.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() == null) {
                return NullValue.NULL_VALUE;
            }
            var value = value(parser, needed.everything() ? null : needed, digits);
            if (parser.nextToken() != null) {
                throw new TransformException("the payload is not JSON: something follows its end");
            }
            return value;
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new TransformException(
                    "the payload is not JSON"
                            + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")")
                            + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /** @param needed null means everything */
    private static Object value(JsonParser parser, @Nullable NeededPaths needed, Digits digits) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, needed, digits);
            case START_ARRAY -> array(parser, digits);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> integer(parser, digits);
            case VALUE_NUMBER_FLOAT -> decimal(parser, digits);
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> NullValue.NULL_VALUE;
        };
    }

    private static Object object(JsonParser parser, @Nullable NeededPaths needed, Digits digits) {
        var members = new LinkedHashMap<String, Object>();
        for (var name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            if (needed == null) {
                members.put(name, value(parser, null, digits));
                continue;
            }
            var below = needed.member(name);
            if (below == null) {
                parser.skipChildren();
            } else {
                members.put(name, value(parser, below.everything() ? null : below, digits));
            }
        }
        return members;
    }

    /** Positions are not tracked: an array is needed as a whole. */
    private static Object array(JsonParser parser, Digits digits) {
        var elements = new ArrayList<Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser, null, digits));
        }
        return elements;
    }

    private static Object integer(JsonParser parser, Digits digits) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> decimal(parser, digits);
        };
    }

    private static Object decimal(JsonParser parser, Digits digits) {
        var written = parser.getString();
        Object number = parser.getDoubleValue();
        digits.remember(number, written);
        return number;
    }

    JsonGenerator writer(OutputStream out) {
        return factory.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8);
    }

    /** @param depth how deep this value is already nested, itself included */
    void write(JsonGenerator json, @Nullable Object value, Digits digits, int depth) throws TransformException {
        if (depth > maxDepth) {
            throw new TransformException("the output nests deeper than " + maxDepth);
        }
        switch (value) {
            case null -> json.writeNull();
            case NullValue _ -> json.writeNull();
            case String text -> json.writeString(text);
            case Long number -> json.writeNumber(number);
            case Double number -> writeDouble(json, number, digits);
            case Boolean flag -> json.writeBoolean(flag);
            case Map<?, ?> members -> {
                json.writeStartObject();
                for (var member : members.entrySet()) {
                    if (member.getValue() instanceof Optional<?> o && o.isEmpty()) {
                        continue;
                    }
                    json.writeName(name(member.getKey()));
                    write(json, member.getValue(), digits, depth + 1);
                }
                json.writeEndObject();
            }
            case List<?> elements -> {
                json.writeStartArray();
                for (var element : elements) {
                    write(json, element, digits, depth + 1);
                }
                json.writeEndArray();
            }
            case UnsignedLong number -> json.writeNumber(number.bigIntegerValue());
            case Instant time -> json.writeString(time.toString());
            case Duration duration -> json.writeString(seconds(duration));
            case CelByteString bytes -> json.writeBinary(bytes.toByteArray());
            case Optional<?> optional -> write(json, optional.orElse(null), digits, depth);
            case CelType type -> json.writeString(type.name());
            default ->
                throw new TransformException(
                        "a " + value.getClass().getSimpleName() + " has no form in JSON; convert it with string(...)");
        }
    }

    private static String name(Object key) throws TransformException {
        return switch (key) {
            case String text -> text;
            case Long _, UnsignedLong _, Boolean _ -> key.toString();
            default ->
                throw new TransformException("a map's key must be a string, an integer or a bool to become JSON");
        };
    }

    /** Whole numbers without a fraction, nothing in scientific notation that need not be. */
    private static void writeDouble(JsonGenerator json, Double number, Digits digits) throws TransformException {
        var written = digits.of(number);
        double value = number;
        if (written != null) {
            json.writeNumber(written);
        } else if (!Double.isFinite(value)) {
            throw new TransformException("the result " + value + " is no number JSON can carry");
        } else if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            json.writeNumber((long) value);
        } else if (Math.abs(value) < PLAIN_BELOW) {
            json.writeNumber(new BigDecimal(Double.toString(value)).toPlainString());
        } else {
            json.writeNumber(value);
        }
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
    }
}
