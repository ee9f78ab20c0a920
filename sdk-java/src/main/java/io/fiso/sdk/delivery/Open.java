// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/**
 * The first message of a subscription.
 *
 * @param run the run the subscriber belongs to
 * @param edge the edge, {@code <from>-><to>}
 * @param subscriber the subscriber's component id
 * @param replica the subscriber's replica index
 * @param instance the subscriber's instance id
 * @param generation the subscriber's generation
 * @param observe true to look only (a tap): nothing is held for it, and it may lose
 * @param resume where this instance stands; null if it has received nothing of this edge before
 */
public record Open(
        String run,
        String edge,
        String subscriber,
        int replica,
        String instance,
        long generation,
        boolean observe,
        @Nullable Resume resume) {
    /**
     * Where a subscriber stands.
     *
     * @param emitterGeneration the emitter generation the numbers belong to
     * @param epoch the epoch the numbers belong to
     * @param receivedUpTo every sequence up to and including this one has arrived
     * @param settledUpTo every sequence up to and including this one is settled
     */
    public record Resume(long emitterGeneration, long epoch, long receivedUpTo, long settledUpTo) {}
}
