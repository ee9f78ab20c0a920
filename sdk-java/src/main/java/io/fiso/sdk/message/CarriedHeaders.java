// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import io.fiso.sdk.OriginalRecord.Header;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Headers that mean nothing to Fiso, as one attribute's value: {@code name=value} joined by {@code &}, both percent-encoded byte by byte; a name alone has no value. */
final class CarriedHeaders {
    /** The one that Kafka's source and sink use, so that headers pass from one to the other. */
    static final String ATTRIBUTE = "kafkaheaders";

    private static final String PLAIN = "-._~:/";

    private CarriedHeaders() {}

    /** Null if there are none. */
    static @Nullable String encode(List<Header> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (Header header : headers) {
            if (!text.isEmpty()) {
                text.append('&');
            }
            encode(header.name().getBytes(StandardCharsets.UTF_8), text);
            if (header.value() != null) {
                text.append('=');
                encode(header.value(), text);
            }
        }
        return text.toString();
    }

    static List<Header> decode(String carried) {
        List<Header> headers = new ArrayList<>();
        for (String pair : carried.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = new String(decoded(equals < 0 ? pair : pair.substring(0, equals)), StandardCharsets.UTF_8);
            if (!name.isEmpty()) {
                headers.add(new Header(name, equals < 0 ? null : decoded(pair.substring(equals + 1))));
            }
        }
        return headers;
    }

    private static void encode(byte[] bytes, StringBuilder out) {
        for (byte value : bytes) {
            char c = (char) (value & 0xFF);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || PLAIN.indexOf(c) >= 0;
            if (plain) {
                out.append(c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
            }
        }
    }

    private static byte[] decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
