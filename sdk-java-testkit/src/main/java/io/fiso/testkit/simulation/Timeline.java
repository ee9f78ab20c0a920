// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import java.util.PriorityQueue;

/** Virtual time: what is planned happens in order, and nothing takes longer than it says. */
final class Timeline {
    private final PriorityQueue<Planned> planned = new PriorityQueue<>();
    private long now = 1;
    private long count;

    private record Planned(long at, long order, Runnable what) implements Comparable<Planned> {
        @Override
        public int compareTo(Planned other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    long now() {
        return now;
    }

    void at(long time, Runnable what) {
        planned.add(new Planned(Math.max(time, now), count++, what));
    }

    /** Lets the next thing happen; false if nothing is planned. */
    boolean step() {
        Planned next = planned.poll();
        if (next == null) {
            return false;
        }
        now = next.at;
        next.what.run();
        return true;
    }
}
