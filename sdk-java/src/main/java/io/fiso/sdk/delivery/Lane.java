// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/**
 * The events of one order key, oldest first. The head is ready, running or waiting for a retry; the others wait for it. Belongs to a {@link
 * LaneTable}, which uses it again for another key once it is closed.
 */
final class Lane {
    /** The key, where it stands in the head, so that no key is copied and no buffer outlives its events. */
    byte[] keyBuffer = Records.NO_KEY;

    int keyOffset;
    int keyLength;
    int hash;
    long dueNanos;

    @Nullable
    Task head;

    @Nullable
    Task tail;

    @Nullable
    Lane nextInBucket;

    boolean isEmpty() {
        return head == null;
    }

    void add(Task task) {
        task.next = null;
        task.lane = this;
        Task last = tail;
        if (last == null) {
            head = task;
            keyOf(task);
        } else {
            last.next = task;
        }
        tail = task;
    }

    void keyOf(Task task) {
        keyBuffer = task.keyBuffer;
        keyOffset = task.keyOffset;
        keyLength = task.keyLength;
    }

    boolean hasKeyOf(Task task) {
        return OrderKeys.equal(keyBuffer, keyOffset, keyLength, task.keyBuffer, task.keyOffset, task.keyLength);
    }

    /** Drops the head; returns the next one, null if the lane is empty. */
    @Nullable
    Task advance() {
        Task first = head;
        if (first == null) {
            return null;
        }
        Task following = first.next;
        first.next = null;
        first.lane = null;
        head = following;
        if (following == null) {
            tail = null;
        } else {
            keyOf(following);
        }
        return following;
    }
}
