// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;

/** Reads the data of an event as one JSON document in UTF-8. */
final class DataReader {
    /**
     * Numbers keep their digits: 0.1 is a multiple of 0.01. A member that is named twice is refused: which of the two counts is up to whoever reads the data
     * later, so a check of one of them would say nothing.
     */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DataReader() {}

    /** It is no JSON document; the message says why, without a word of the content. */
    static final class NotJsonException extends Exception {
        private static final long serialVersionUID = 1;

        NotJsonException(String message) {
            super(message, null, false, false);
        }
    }

    static JsonNode read(byte[] bytes, int offset, int length) throws NotJsonException {
        if (length == 0) {
            throw new NotJsonException("there is none");
        }
        String text = text(bytes, offset, length);
        try {
            JsonNode data = MAPPER.readTree(text);
            if (data.isMissingNode()) {
                throw new NotJsonException("there is only white space");
            }
            return data;
        } catch (StreamConstraintsException e) {
            throw new NotJsonException("it nests deeper than 500, or has a number of more than 1000 digits");
        } catch (MismatchedInputException e) {
            throw new NotJsonException(
                    "an object names a member twice, or a second document follows the first, at character " + at(e));
        } catch (JacksonException e) {
            throw new NotJsonException("it breaks at character " + at(e));
        }
    }

    private static long at(JacksonException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
    }

    private static String text(byte[] bytes, int offset, int length) throws NotJsonException {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0) {
                return decoded(bytes, offset, length);
            }
        }
        return new String(bytes, offset, length, StandardCharsets.US_ASCII);
    }

    private static String decoded(byte[] bytes, int offset, int length) throws NotJsonException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new NotJsonException("it is not text in UTF-8");
        }
    }
}
