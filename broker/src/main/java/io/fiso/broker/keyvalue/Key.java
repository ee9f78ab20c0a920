// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.nio.charset.StandardCharsets;

/** Text of 1 to {@link #BYTES_MAX} bytes of UTF-8; ordered by those. */
public record Key(String text) {
    public static final int BYTES_MAX = 1_024;

    /** @throws BrokerException if it is empty or too long */
    public Key {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > BYTES_MAX) {
            throw new BrokerException(
                    Kind.INVALID, "broker.key_invalid", "a key has 1 to 1024 bytes of UTF-8; this one has " + length);
        }
    }

    static Key of(byte[] bytes) {
        return new Key(new String(bytes, StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return text;
    }
}
