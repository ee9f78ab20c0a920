// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** What Jackson makes of a text: the second opinion. */
final class Oracle {
    /** A number that is no 64-bit integer, as it is written. */
    record Decimal(String written) {}

    /** JSON's null. */
    enum Nothing {
        NULL
    }

    /** Jackson cannot be asked about this text. */
    static final class NoOpinion extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** An escape whose digits are none. */
    private static final Pattern ODD_DIGITS = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*+\\\\u(?![0-9a-fA-F]{4})");

    private final JsonFactory factory;

    Oracle(int maxDepth) {
        factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .build())
                .build();
    }

    /**
     * The text's tree of maps, lists, texts, {@code Long}, {@link Decimal}, {@code Boolean}, {@link Nothing}; empty if it is not JSON. Jackson
     * takes more than JSON in four ways: it finds out the encoding by itself, it skips a byte order mark, it lets bytes pass that are not UTF-8, and it takes
     * some characters beyond ASCII for hexadecimal digits. So the text is decoded strictly before, and such digits and a mark are refused. And it takes less: half of a surrogate pair, written as an escape, is JSON in
     * a name as it is in a text, and it refuses the former.
     *
     * @throws NoOpinion if there is such a name
     */
    Optional<Object> read(byte[] json) {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
        if (text.startsWith("\ufeff") || ODD_DIGITS.matcher(text).find()) {
            return Optional.empty();
        }
        try (var parser = factory.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() == null) {
                return Optional.of(Nothing.NULL);
            }
            var value = value(parser);
            return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
        } catch (JacksonException e) {
            if (e.getOriginalMessage().contains("surrogate")) {
                throw new NoOpinion();
            }
            return Optional.empty();
        }
    }

    /** How deep a valid text nests, members that others of the same name replace included. */
    int depth(byte[] json) {
        try (var parser = factory.createParser(ObjectReadContext.empty(), new String(json, UTF_8))) {
            int depth = 0;
            int deepest = 0;
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                deepest = Math.max(deepest, depth);
            }
            return deepest;
        }
    }

    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var members = new LinkedHashMap<String, Object>();
                for (var name = parser.nextName(); name != null; name = parser.nextName()) {
                    parser.nextToken();
                    members.put(name, value(parser));
                }
                yield members;
            }
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == NumberType.BIG_INTEGER
                        ? new Decimal(parser.getString())
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> new Decimal(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Nothing.NULL;
            default -> throw new AssertionError(parser.currentToken());
        };
    }
}
