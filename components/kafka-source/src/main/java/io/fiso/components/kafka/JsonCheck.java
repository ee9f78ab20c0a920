// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Tells whether bytes are one JSON value, without building it. */
final class JsonCheck {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonCheck() {}

    /** What is wrong, without a word of the content; null if nothing is. */
    static @Nullable String problem(byte[] bytes) {
        if (!isUtf8(bytes)) {
            return "it is not text in UTF-8";
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return bytes.length == 0 ? "it is empty" : "there is only white space";
            }
            parser.skipChildren();
            if (first.isScalarValue()) {
                parser.finishToken();
            }
            return parser.nextToken() == null ? null : "a second value follows the first at byte " + offset(parser);
        } catch (JacksonException e) {
            return "the JSON is broken at byte "
                    + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
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

    private static long offset(JsonParser parser) {
        return parser.currentTokenLocation().getByteOffset();
    }
}
