// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.event.WireEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What tells an event from all others: 127 bits of the SHA-256 of its source and id. The lowest bit is not used.
 *
 * @param high the upper half
 * @param low the lower half
 */
record EventHash(long high, long low) {
    static EventHash of(WireEvent event) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String source = event.string("source");
            digest.update((source == null ? "" : source).getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(event.getId().getBytes(StandardCharsets.UTF_8));
            ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
            long high = bytes.getLong();
            // No event is all zeros: that is what an empty place in the file looks like.
            return new EventHash(high == 0 ? 1 : high, bytes.getLong() & ~1L);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
