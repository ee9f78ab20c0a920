// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Tells whether bytes are one JSON value in UTF-8, in one pass and without building it. */
public final class JsonCheck {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonCheck() {}

    /** Sees the members of an object at the top as they pass. */
    public interface Members {
        /** A member of this name comes; true if its value is wanted. */
        boolean named(String name);

        /** The value that was wanted, if it is text, a number, true or false. */
        void scalar(String text);
    }

    /** What is wrong, without a word of the content; null if nothing is. */
    public static @Nullable String problem(byte[] bytes) {
        return problem(bytes, null);
    }

    /** The same, and shows the members on the way: also those before a problem. */
    public static @Nullable String problem(byte[] bytes, @Nullable Members members) {
        if (!isUtf8(bytes)) {
            return "it is not text in UTF-8";
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return bytes.length == 0 ? "it is empty" : "there is only white space";
            }
            if (first == JsonToken.START_OBJECT && members != null) {
                pass(parser, members);
            } else {
                skip(parser);
            }
            return parser.nextToken() == null
                    ? null
                    : "a second value follows the first at byte "
                            + parser.currentTokenLocation().getByteOffset();
        } catch (JacksonException e) {
            return "the JSON is broken at byte "
                    + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
        }
    }

    private static void pass(JsonParser parser, Members members) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean wanted = members.named(parser.currentName());
            JsonToken value = parser.nextToken();
            if (wanted && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                members.scalar(parser.getString());
            }
            skip(parser);
        }
    }

    /** Reads a value to its end: numbers and texts are otherwise looked at only when asked for. */
    private static void skip(JsonParser parser) {
        parser.skipChildren();
        if (parser.currentToken() != null && parser.currentToken().isScalarValue()) {
            parser.finishToken();
        }
    }

    /** Zero bytes are refused too: they would make the parser take the bytes for UTF-16. */
    private static boolean isUtf8(byte[] bytes) {
        boolean ascii = true;
        for (byte value : bytes) {
            if (value == 0) {
                return false;
            }
            ascii &= value > 0;
        }
        if (ascii) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
