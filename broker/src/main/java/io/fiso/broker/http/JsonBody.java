// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * A body of JSON, read into a message. It is first looked over, because the reader that makes the message is lenient (comments, single quotes, twice the
 * same field) and does not say where something is.
 */
final class JsonBody {
    private static final String MALFORMED = "broker.body_malformed";
    private static final String INVALID = "broker.body_invalid";
    private static final int DEPTH_MAX = 64;
    private static final Pattern PLACE = Pattern.compile("\\[Source: [^\\]]*?; (?:line: )?(\\d+), column: (\\d+)\\]");
    private static final Pattern NO_PLACE = Pattern.compile(" ?\\([^()]*\\[Source: [^\\]]*\\]\\)");
    private static final JsonFormat.Parser PARSER = JsonFormat.parser();
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNumberLength(100)
                    .build())
            .build();

    private JsonBody() {}

    /** @throws HttpProblem if it is no JSON, or none of this message */
    static void read(byte[] body, Message.Builder into) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException _) {
            throw HttpProblem.invalid(MALFORMED, "the body is not UTF-8");
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            lookOverMessage(parser, into.getDescriptorForType(), "the body");
            if (parser.nextToken() != null) {
                throw HttpProblem.invalid(MALFORMED, "something follows the JSON value, at " + at(parser));
            }
        } catch (JacksonException e) {
            throw HttpProblem.invalid(
                    MALFORMED,
                    "the body is no JSON: " + places(String.valueOf(e.getOriginalMessage())) + ", at "
                            + at(e.getLocation()));
        }
        try {
            PARSER.merge(text, into);
        } catch (InvalidProtocolBufferException e) {
            throw HttpProblem.invalid(
                    INVALID,
                    "the body is no " + into.getDescriptorForType().getName() + ": "
                            + Shown.text(String.valueOf(e.getMessage()), Shown.MESSAGE_MAX / 2));
        }
    }

    private static void lookOverMessage(JsonParser parser, Descriptor type, String path) {
        if (type.getFullName().startsWith("google.protobuf.")) {
            parser.skipChildren();
            return;
        }
        require(parser, JsonToken.START_OBJECT, path, "an object");
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            Optional<FieldDescriptor> field = FieldPath.field(type, name);
            if (field.isEmpty()) {
                throw HttpProblem.invalid(
                        "broker.field_unknown",
                        path + " has no field " + Shown.word(name) + ", at " + at(parser)
                                + Shown.suggestion(name, FieldPath.names(type)));
            }
            parser.nextToken();
            String below = path.equals("the body")
                    ? field.get().getJsonName()
                    : path + "." + field.get().getJsonName();
            lookOverField(parser, field.get(), below);
        }
    }

    private static void lookOverField(JsonParser parser, FieldDescriptor field, String path) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (field.isMapField()) {
            require(parser, JsonToken.START_OBJECT, path, "an object");
            FieldDescriptor value = field.getMessageType().findFieldByName("value");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                lookOverValue(parser, value, path + "[" + Shown.word(key) + "]");
            }
        } else if (field.isRepeated()) {
            require(parser, JsonToken.START_ARRAY, path, "a list");
            int index = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                lookOverValue(parser, field, path + "[" + index++ + "]");
            }
        } else {
            lookOverValue(parser, field, path);
        }
    }

    private static void lookOverValue(JsonParser parser, FieldDescriptor field, String path) {
        if (field.getJavaType() == JavaType.MESSAGE) {
            lookOverMessage(parser, field.getMessageType(), path);
        } else if (parser.currentToken().isStructStart()) {
            throw HttpProblem.invalid(INVALID, path + " is no object and no list, at " + at(parser));
        }
    }

    private static void require(JsonParser parser, JsonToken wanted, String path, String what) {
        if (parser.currentToken() != wanted) {
            throw HttpProblem.invalid(
                    parser.currentToken() == null ? MALFORMED : INVALID,
                    path + " has to be " + what + ", at " + at(parser));
        }
    }

    /** The parser names places as {@code [Source: REDACTED (…); line: 1, column: 2]}, if it knows them, and as {@code (… at [Source: …])} if not. */
    private static String places(String message) {
        String known = PLACE.matcher(message).replaceAll("line $1, column $2");
        return NO_PLACE.matcher(known).replaceAll("");
    }

    private static String at(JsonParser parser) {
        return at(parser.currentTokenLocation());
    }

    private static String at(@Nullable TokenStreamLocation location) {
        // What is too deep or too long has none.
        if (location == null) {
            return "a place that is not known";
        }
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
