// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.brokeraccess.BrokerTarget;
import io.fiso.brokeraccess.ResourceDurability;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The source's config.
 *
 * @param queue the queue, by short or whole name
 * @param address another broker than the run's own
 * @param token what that broker wants to see
 * @param create whether the queue is made if it is not there
 * @param durability when what happens in it counts
 * @param prefetch how many jobs may be here that are not settled
 * @param lease how long a job is kept from others without a sign of life from here
 * @param eventType the type of events made from plain payloads
 */
record QueueSourceConfig(
        @Nullable String queue,
        @Nullable String address,
        @Nullable String token,
        @Nullable Boolean create,
        @Nullable ResourceDurability durability,
        @Nullable Integer prefetch,
        @Nullable Duration lease,
        @Nullable String eventType) {
    private static final int PREFETCH = 256;
    private static final int PREFETCH_MAX = 10_000;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration LEASE_MIN = Duration.ofSeconds(1);
    private static final Duration LEASE_MAX = Duration.ofHours(12);

    QueueSourceConfig {
        BrokerTarget.queue(queue, address, token, create, durability);
        prefetch = prefetch == null ? PREFETCH : prefetch;
        lease = lease == null ? LEASE : lease;
        eventType = eventType == null ? "fiso.event" : eventType;
        if (prefetch < 1 || prefetch > PREFETCH_MAX) {
            throw new IllegalArgumentException("prefetch is " + prefetch + "; it can be 1 to " + PREFETCH_MAX);
        }
        if (lease.compareTo(LEASE_MIN) < 0 || lease.compareTo(LEASE_MAX) > 0) {
            throw new IllegalArgumentException("lease is " + lease + "; it can be 1s to 12h");
        }
    }

    @Override
    public Integer prefetch() {
        return Objects.requireNonNull(prefetch);
    }

    @Override
    public Duration lease() {
        return Objects.requireNonNull(lease);
    }

    @Override
    public String eventType() {
        return Objects.requireNonNull(eventType);
    }

    BrokerTarget target() {
        return BrokerTarget.queue(queue, address, token, create, durability);
    }
}
