// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import io.fiso.broker.alarm.Alarms.Alarm;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The earliest of many moments. It rings once; whoever is rung says when it is to ring next. Thread-safe. */
public final class NextAlarm implements AutoCloseable {
    /** Later than everything. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Alarms alarms;
    private final Runnable ring;
    private @Nullable Alarm set;
    private long due = NEVER;
    private boolean closed;

    public NextAlarm(Alarms alarms, Runnable ring) {
        this.alarms = alarms;
        this.ring = ring;
    }

    /** @param millis since 1970, or {@link #NEVER} */
    public synchronized void noLaterThan(long millis) {
        if (closed || millis >= due) {
            return;
        }
        if (set != null) {
            set.cancel();
        }
        due = millis;
        set = alarms.at(Instant.ofEpochMilli(millis), this::rung);
    }

    private void rung() {
        synchronized (this) {
            if (closed) {
                return;
            }
            due = NEVER;
            set = null;
        }
        ring.run();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (set != null) {
            set.cancel();
        }
    }
}
