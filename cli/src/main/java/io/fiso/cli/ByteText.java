// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bytes as text, so that the one can be told from the other: what is UTF-8 and does nothing to a terminal is shown as it is, anything else in base64, behind
 * {@code base64:} for people and in a field of its own for programs.
 */
final class ByteText {
    private static final String MARK = "base64:";

    private ByteText() {}

    /** For people. */
    static String show(ByteString bytes) {
        String text = text(bytes);
        return text == null || text.startsWith(MARK) ? MARK + base64(bytes) : text;
    }

    /** On one line. */
    static String line(ByteString bytes) {
        return show(bytes).replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n");
    }

    /** For programs: {@code name} has the text, or {@code nameBase64} has the bytes and {@code name} is null. */
    static void put(Map<String, @Nullable Object> data, String name, ByteString bytes) {
        String text = text(bytes);
        data.put(name, text);
        if (text == null) {
            data.put(name + "Base64", base64(bytes));
        }
    }

    private static @Nullable String text(ByteString bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.asReadOnlyByteBuffer())
                    .toString();
            return text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r')
                    ? null
                    : text;
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static String base64(ByteString bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
