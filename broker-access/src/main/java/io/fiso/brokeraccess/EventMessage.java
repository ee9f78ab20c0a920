// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.sdk.OriginalRecord.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event as it is kept.
 *
 * @param key null if it has none
 * @param headers in order
 * @param payload empty if the event has no data
 */
public record EventMessage(byte @Nullable [] key, List<Header> headers, byte[] payload) {
    private static final int FRAME_BYTES = 32;

    /** About as many as it takes up in a request. */
    public int bytes() {
        int bytes = FRAME_BYTES + payload.length + (key == null ? 0 : key.length);
        for (Header header : headers) {
            bytes += FRAME_BYTES + header.name().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }
}
