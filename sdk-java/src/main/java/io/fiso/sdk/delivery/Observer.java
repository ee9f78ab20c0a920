// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** A tap on an edge: it never holds anything back, and counts what it lost. */
final class Observer implements SubscriberCall {
    private static final int PENDING_MAX = 256;

    private final Records pending = new Records();
    private @Nullable SubscriberLink link;
    private long next = 1;
    private long creditEvents;
    private long creditBytes;
    private long sentBytes;
    private long lost;

    Observer(DeliverySettings settings, SubscriberLink link) {
        this.link = link;
        link.accepted(new Accepted(
                settings.generation(), 1, false, 1, settings.limits().maxEventBytes()));
    }

    boolean closedDown() {
        return link == null;
    }

    long lost() {
        return lost;
    }

    void offer(Records from, int index) {
        int length = from.lengths[index];
        boolean fits = next + pending.size() <= creditEvents
                && sentBytes + length <= creditBytes
                && pending.size() < PENDING_MAX;
        if (!fits) {
            lost++;
            return;
        }
        sentBytes += length;
        pending.addFrom(from, index);
    }

    void send() {
        SubscriberLink current = link;
        if (current != null && pending.size() > 0) {
            current.batch(next, pending, 0);
            next += pending.size();
            pending.clear();
        }
    }

    @Override
    public void credit(long events, long bytes) {
        creditEvents = Math.max(creditEvents, events);
        creditBytes = Math.max(creditBytes, bytes);
    }

    @Override
    public void settle(Settlement settlement) {
        throw new ProtocolException(
                "an observing subscription settled events; it may only look, open it again to settle");
    }

    @Override
    public void closed() {
        link = null;
        pending.clear();
    }
}
