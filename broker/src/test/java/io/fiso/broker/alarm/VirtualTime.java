// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that stands still until it is advanced. Alarms ring while it is, each at its time, on the thread that advances it. */
public final class VirtualTime implements Alarms, InstantSource {
    private final PriorityQueue<Set> waiting =
            new PriorityQueue<>(Comparator.comparing(Set::when).thenComparing(Set::number));
    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private long numbers;

    private record Set(Instant when, long number, Runnable ring) {}

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized Alarm at(Instant when, Runnable ring) {
        Set set = new Set(when, numbers++, ring);
        waiting.add(set);
        return () -> remove(set);
    }

    private synchronized void remove(Set set) {
        waiting.remove(set);
    }

    /** How many alarms are set. */
    public synchronized int alarms() {
        return waiting.size();
    }

    /** Forgets every alarm, as the end of a process does. */
    public synchronized void forgetAlarms() {
        waiting.clear();
    }

    public void advance(Duration by) {
        Instant until = instant().plus(by);
        for (Set next = due(until); next != null; next = due(until)) {
            next.ring().run();
        }
        synchronized (this) {
            now = until;
        }
    }

    public void advanceMillis(long by) {
        advance(Duration.ofMillis(by));
    }

    private synchronized Set due(Instant until) {
        Set next = waiting.peek();
        if (next == null || next.when().isAfter(until)) {
            return null;
        }
        waiting.remove();
        if (next.when().isAfter(now)) {
            now = next.when();
        }
        return next;
    }
}
