// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.proto.broker.v1.DeliveredJob;

/** A job that is handed out to this source. Changed by one thread at a time. */
final class HeldJob {
    private final DeliveredJob delivered;
    private final long position;
    private long leaseEndNanos;
    private boolean lost;

    /**
     * @param position in the order of arrival
     * @param leaseEndNanos when the lease ends at the earliest, by {@link System#nanoTime}
     */
    HeldJob(DeliveredJob delivered, long position, long leaseEndNanos) {
        this.delivered = delivered;
        this.position = position;
        this.leaseEndNanos = leaseEndNanos;
    }

    DeliveredJob delivered() {
        return delivered;
    }

    long position() {
        return position;
    }

    String lease() {
        return delivered.getLease();
    }

    long leftNanos() {
        return leaseEndNanos - System.nanoTime();
    }

    void extended(long endNanos) {
        leaseEndNanos = endNanos;
    }

    /** The lease is over: it is, or will be, somebody's again. */
    void lose() {
        lost = true;
    }

    boolean lost() {
        return lost;
    }
}
