// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import io.fiso.sdk.OriginalRecord.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event as a message.
 *
 * @param key null if it has none
 * @param headers in order
 * @param payload null if the event has no data
 */
public record EventMessage(byte @Nullable [] key, List<Header> headers, byte @Nullable [] payload) {
    private static final int FRAME_BYTES = 32;

    /** About as many bytes as it takes up in a request. */
    public int bytes() {
        int bytes = FRAME_BYTES + length(payload) + length(key);
        for (Header header : headers) {
            bytes += FRAME_BYTES + header.name().length() + length(header.value());
        }
        return bytes;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
