// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** What content types and payload bytes have to do with JSON. */
final class JsonData {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(100_000)
                    .maxNestingDepth(1_000)
                    .build())
            .build();

    private JsonData() {}

    static JsonParser parser(byte[] bytes, int offset, int length) {
        return JSON.createParser(ObjectReadContext.empty(), bytes, offset, length);
    }

    /** Whether a content type says JSON; none at all does. */
    static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return true;
        }
        String media = mediaType(contentType);
        return media.endsWith("/json") || media.endsWith("+json");
    }

    static boolean isText(@Nullable String contentType) {
        return contentType != null && mediaType(contentType).startsWith("text/");
    }

    /** Whether the bytes are one JSON value in UTF-8, so that they can stand inside another JSON document as they are. */
    static boolean isOneValue(byte[] bytes, int offset, int length) {
        if (length == 0 || bytes[offset] == (byte) 0xEF || !isUtf8WithoutZeros(bytes, offset, length)) {
            return false;
        }
        try (JsonParser parser = parser(bytes, offset, length)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return false;
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    static @Nullable String asText(byte[] bytes, int offset, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** A zero byte would make the parser take the bytes for UTF-16 or UTF-32. */
    private static boolean isUtf8WithoutZeros(byte[] bytes, int offset, int length) {
        boolean ascii = true;
        for (int at = offset; at < offset + length; at++) {
            if (bytes[at] == 0) {
                return false;
            }
            ascii &= bytes[at] > 0;
        }
        return ascii || asText(bytes, offset, length) != null;
    }

    private static String mediaType(String contentType) {
        int end = contentType.indexOf(';');
        return (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
    }
}
