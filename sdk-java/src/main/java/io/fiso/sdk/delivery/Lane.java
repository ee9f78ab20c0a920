// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** The events of one order key, oldest first. The head is ready, running or waiting for a retry; the others wait for it. */
final class Lane {
    byte[] key = Records.NO_KEY;
    int hash;
    long dueNanos;

    @Nullable
    Task head;

    @Nullable
    Task tail;

    @Nullable
    Lane nextInBucket;

    void add(Task task) {
        task.next = null;
        task.lane = this;
        Task last = tail;
        if (last == null) {
            head = task;
        } else {
            last.next = task;
        }
        tail = task;
    }

    /** Drops the head; returns the next one, null if the lane is empty. */
    @Nullable
    Task advance() {
        Task first = head;
        if (first == null) {
            return null;
        }
        head = first.next;
        first.next = null;
        first.lane = null;
        if (head == null) {
            tail = null;
        }
        return head;
    }
}
