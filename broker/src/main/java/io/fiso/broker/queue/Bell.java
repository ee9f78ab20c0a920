// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.alarm.Alarms;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.catalogue.Resource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who waits for a job of one queue, and the alarm for the next. For each job that becomes visible one of them is woken; who was woken and does not look
 * wakes another. So no job lies there while somebody waits for it, and not all run for each.
 */
final class Bell implements AutoCloseable {
    private final Resource queue;
    private final Set<Waiter> waiting = new LinkedHashSet<>();
    private final NextAlarm alarm;
    private boolean closed;

    Bell(Resource queue, Alarms alarms, Consumer<Bell> ring) {
        this.queue = queue;
        this.alarm = new NextAlarm(alarms, () -> ring.accept(this));
    }

    Resource queue() {
        return queue;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Who enters looks for a job once more before it waits: one that came before was nobody's to be woken for. */
    synchronized void enter(Waiter waiter) {
        waiting.add(waiter);
        if (closed) {
            waiter.close();
        }
    }

    void leave(Waiter waiter) {
        synchronized (this) {
            waiting.remove(waiter);
        }
        if (waiter.takeWake()) {
            wake(1);
        }
    }

    /** Wakes those who have waited longest. */
    synchronized void wake(int jobs) {
        for (int i = 0; i < jobs && !waiting.isEmpty(); i++) {
            Waiter next = waiting.iterator().next();
            waiting.remove(next);
            next.wake();
        }
    }

    /** There is no such queue any more: all look, and find that out. */
    void dismiss() {
        alarm.close();
        wake(Integer.MAX_VALUE);
    }

    /** A job will be visible; matters only if somebody waits, or if it is to become a dead letter. */
    void expect(long millis, boolean lastLease) {
        if (lastLease || waiting() > 0) {
            alarm.noLaterThan(millis);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        alarm.close();
        waiting.forEach(Waiter::close);
    }
}
