// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.queue.LeaseToken;
import org.jspecify.annotations.Nullable;

/** A job that was enqueued, as it was answered last. */
final class KnownJob {
    static final long NOT_ANSWERED = 0;

    final String text;
    final int priority;
    /** {@link #NOT_ANSWERED} if it was put back and not looked at since. */
    long id;

    int attempts;
    /** Milliseconds since 1970. */
    long visible;

    @Nullable
    LeaseToken lease;
    /** Acked, or purged. */
    boolean gone;

    boolean letter;

    KnownJob(String text, int priority, long visible) {
        this.text = text;
        this.priority = priority;
        this.visible = visible;
    }

    boolean isThere() {
        return !gone && !letter;
    }
}
