// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a job carries. No array is to be changed by whoever gets it.
 *
 * @param payload up to {@link #PAYLOAD_BYTES_MAX}
 * @param headers up to {@link #HEADERS_MAX}, and {@link #HEADER_BYTES_MAX} with their names
 * @param key up to {@link #KEY_BYTES_MAX}
 */
@SuppressWarnings("ArrayRecordComponent")
public record Content(byte[] payload, List<Header> headers, Optional<byte[]> key) {
    public static final int PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;
    public static final int HEADERS_MAX = 100;
    public static final int HEADER_BYTES_MAX = 64 * 1024;
    public static final int HEADER_NAME_BYTES_MAX = 255;
    public static final int KEY_BYTES_MAX = 1024;

    /** @throws BrokerException if anything is too large */
    public Content {
        headers = List.copyOf(headers);
        if (payload.length > PAYLOAD_BYTES_MAX) {
            throw tooLarge(payload.length);
        }
        require(headers.size() <= HEADERS_MAX, "headers_too_large", "headers", headers.size(), HEADERS_MAX);
        long bytes = 0;
        for (Header header : headers) {
            int name = header.name().getBytes(StandardCharsets.UTF_8).length;
            if (name == 0 || name > HEADER_NAME_BYTES_MAX) {
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.header_invalid",
                        "a header's name has " + name + " bytes; it can have 1 to 255");
            }
            bytes += name + header.value().length;
        }
        require(bytes <= HEADER_BYTES_MAX, "headers_too_large", "bytes of headers", bytes, HEADER_BYTES_MAX);
        int keyLength = key.map(it -> it.length).orElse(0);
        require(keyLength <= KEY_BYTES_MAX, "key_too_large", "bytes of key", keyLength, KEY_BYTES_MAX);
    }

    /** What is answered to a payload of so many bytes. */
    public static BrokerException tooLarge(int bytes) {
        return tooMuch("payload_too_large", "bytes of payload", bytes, PAYLOAD_BYTES_MAX);
    }

    private static void require(boolean holds, String code, String what, long found, int max) {
        if (!holds) {
            throw tooMuch(code, what, found, max);
        }
    }

    private static BrokerException tooMuch(String code, String what, long found, int max) {
        return new BrokerException(
                Kind.INVALID,
                "broker." + code,
                found + " " + what + " are more than the " + max + " that a job can have; nothing was written");
    }
}
