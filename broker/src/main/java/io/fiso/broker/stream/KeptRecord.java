// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;

/**
 * A record that is kept.
 *
 * @param bytes what it takes up on disk: key, headers, payload and a few more
 */
public record KeptRecord(
        long offset,
        long timestampMillis,
        Optional<ByteString> key,
        List<Header> headers,
        ByteString payload,
        int bytes) {}
