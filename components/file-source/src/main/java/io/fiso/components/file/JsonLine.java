// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What one pass over a line's JSON finds, without building it.
 *
 * @param problem what is wrong, without a word of the content; null if nothing is
 * @param key the value of the key field, text or number; null if there is none
 * @param looksLikeCloudEvent whether a top-level field is named specversion
 */
record JsonLine(@Nullable String problem, byte @Nullable [] key, boolean looksLikeCloudEvent) {
    private static final JsonFactory FACTORY = new JsonFactory();

    static JsonLine read(byte[] bytes, @Nullable String keyField) {
        if (!isUtf8(bytes)) {
            return broken("it is not text in UTF-8");
        }
        byte[] key = null;
        boolean cloudEvent = false;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    JsonToken value = parser.nextToken();
                    cloudEvent |= name.equals("specversion");
                    if (name.equals(keyField) && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                        key = parser.getString().getBytes(StandardCharsets.UTF_8);
                    }
                    parser.skipChildren();
                    parser.finishToken();
                }
            } else {
                parser.skipChildren();
                parser.finishToken();
            }
            if (parser.nextToken() != null) {
                return broken("a second value follows the first at byte "
                        + parser.currentTokenLocation().getByteOffset());
            }
            return new JsonLine(null, key, cloudEvent);
        } catch (JacksonException e) {
            return broken("the JSON is broken at byte "
                    + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset()));
        }
    }

    private static JsonLine broken(String problem) {
        return new JsonLine(problem, null, false);
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
