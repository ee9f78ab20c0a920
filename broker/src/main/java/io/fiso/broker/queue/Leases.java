// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import com.google.protobuf.ByteString;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.proto.broker.stored.v1.StoredJob;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Gives tokens, knows the right ones, and remembers the last acks so that one whose answer was lost can be sent again. Thread-safe. */
final class Leases {
    static final int ACKS_REMEMBERED = 16_384;

    private final RandomGenerator random;
    private final Map<String, Boolean> acked = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > ACKS_REMEMBERED;
        }
    };

    /** @param random not to be guessed, and thread-safe */
    Leases(RandomGenerator random) {
        this.random = random;
    }

    ByteString secret() {
        byte[] secret = new byte[LeaseToken.SECRET_BYTES];
        random.nextBytes(secret);
        return ByteString.copyFrom(secret);
    }

    /**
     * The job that this is the token of.
     *
     * @throws BrokerException if it is of no job, or no longer
     */
    static StoredJob require(QueueView jobs, LeaseToken token, long now) {
        if (token.queue() != jobs.queue.id()) {
            throw stale(token, "is of another queue than " + jobs.queue.name());
        }
        StoredJob job = jobs.find(token.job())
                .orElseThrow(() -> stale(token, "is of a job that is no longer there: acked, given up or purged"));
        boolean right = job.getAttempts() == token.attempt()
                && MessageDigest.isEqual(job.getLease().toByteArray(), token.secret());
        if (!right) {
            throw stale(token, "is not the current one: the job was given back, or handed out again");
        }
        if (job.getVisibleMillis() <= now) {
            throw stale(token, "ran out " + (now - job.getVisibleMillis()) + " ms ago");
        }
        return job;
    }

    synchronized void remember(LeaseToken token) {
        acked.put(token.text(), true);
    }

    synchronized boolean wasAcked(Resource queue, LeaseToken token) {
        return token.queue() == queue.id() && acked.containsKey(token.text());
    }

    private static BrokerException stale(LeaseToken token, String why) {
        return new BrokerException(
                Kind.REFUSED,
                "broker.lease_stale",
                "the " + token + " " + why + "; this call changed nothing, and the job is not this worker's any more");
    }
}
