// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A record to be added.
 *
 * @param key may be empty bytes, which are a key like any other
 * @param headers their order is kept
 * @param timestampMillis since 1970; empty for when the broker takes it
 */
public record NewRecord(
        Optional<ByteString> key, List<Header> headers, OptionalLong timestampMillis, ByteString payload) {
    public static final int PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;
    public static final int KEY_BYTES_MAX = 64 * 1024;
    /** Of names and values together. */
    public static final int HEADERS_BYTES_MAX = 64 * 1024;

    public NewRecord {
        headers = List.copyOf(headers);
    }

    /** One with a payload and nothing else. */
    public static NewRecord of(ByteString payload) {
        return new NewRecord(Optional.empty(), List.of(), OptionalLong.empty(), payload);
    }
}
