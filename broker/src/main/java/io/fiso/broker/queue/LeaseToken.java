// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * What the holder of a lease shows: which job of which queue, which attempt, and 16 random bytes that only the broker and the holder know.
 *
 * @param secret not to be changed by whoever gets it
 */
@SuppressWarnings("ArrayRecordComponent")
public record LeaseToken(long queue, long job, int attempt, byte[] secret) {
    static final int SECRET_BYTES = 16;
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES + SECRET_BYTES;

    /** @throws BrokerException if this was never a token */
    public static LeaseToken parse(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            bytes = new byte[0];
        }
        if (bytes.length != BYTES) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.lease_invalid",
                    "the lease, " + text.length()
                            + " characters, is none that this broker gives; send back what came with the job");
        }
        ByteBuffer read = ByteBuffer.wrap(bytes);
        long queue = read.getLong();
        long job = read.getLong();
        int attempt = read.getInt();
        byte[] secret = new byte[SECRET_BYTES];
        read.get(secret);
        return new LeaseToken(queue, job, attempt, secret);
    }

    /** As it travels: letters, digits, '-' and '_'. */
    public String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .putLong(queue)
                .putLong(job)
                .putInt(attempt)
                .put(secret)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Without the secret, which is for nobody's log. */
    @Override
    public String toString() {
        return "lease of job " + job + ", attempt " + attempt;
    }
}
