// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes once, and only what is well-formed: no half escapes, no bytes that are no UTF-8 (overlong ones are none). */
final class PercentEncoding {
    private PercentEncoding() {}

    /**
     * @param plusIsSpace as in queries
     * @throws HttpProblem if it is not well-formed
     */
    static String decode(String raw, boolean plusIsSpace, String code) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length() || digit(raw.charAt(i + 1)) < 0 || digit(raw.charAt(i + 2)) < 0) {
                    throw HttpProblem.invalid(
                            code, Shown.word(raw) + " has a % that two hexadecimal digits do not follow");
                }
                bytes.write(digit(raw.charAt(i + 1)) * 16 + digit(raw.charAt(i + 2)));
                i += 2;
            } else if (c <= ' ' || c >= 0x7f) {
                throw HttpProblem.invalid(code, Shown.word(raw) + " has characters that have to be percent-encoded");
            } else {
                bytes.write(c == '+' && plusIsSpace ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException _) {
            throw HttpProblem.invalid(code, Shown.word(raw) + " is not UTF-8 once it is percent-decoded");
        }
    }

    private static int digit(char c) {
        // Not Character.digit, which takes the digits of every script.
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
