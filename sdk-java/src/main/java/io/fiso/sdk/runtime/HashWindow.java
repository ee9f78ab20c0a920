// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

/** The last so many hashes, in the order they came, and a quick way to tell whether one is among them. Not thread-safe. */
final class HashWindow {
    private final long[] highs;
    private final long[] lows;

    /** Open addressing: place in the ring plus one, 0 for empty. */
    private final int[] table;

    private long added;

    HashWindow(int capacity) {
        highs = new long[capacity];
        lows = new long[capacity];
        table = new int[Integer.highestOneBit(Math.max(8, capacity)) * 4];
    }

    int capacity() {
        return highs.length;
    }

    /** How many were ever added. */
    long added() {
        return added;
    }

    boolean contains(EventHash hash) {
        return table[find(hash.high(), hash.low())] != 0;
    }

    /** The hash that was added at this place of the count, from 0; only the last {@link #capacity} are there. */
    EventHash at(long index) {
        int place = (int) (index % highs.length);
        return new EventHash(highs[place], lows[place]);
    }

    /** Adds a hash that is not there yet; forgets the oldest when it is full. */
    void add(EventHash hash) {
        int place = (int) (added % highs.length);
        if (added >= highs.length) {
            remove(find(highs[place], lows[place]));
        }
        highs[place] = hash.high();
        lows[place] = hash.low();
        table[find(hash.high(), hash.low())] = place + 1;
        added++;
    }

    /** Where it stands in the table, or where it would. */
    private int find(long high, long low) {
        int at = home(high);
        while (table[at] != 0 && !(highs[table[at] - 1] == high && lows[table[at] - 1] == low)) {
            at = (at + 1) & (table.length - 1);
        }
        return at;
    }

    private int home(long high) {
        // It is a hash already.
        return (int) (high >>> 20) & (table.length - 1);
    }

    /** Closes the gap, so that no search ends too early. */
    private void remove(int place) {
        int gap = place;
        int at = gap;
        table[gap] = 0;
        while (true) {
            at = (at + 1) & (table.length - 1);
            if (table[at] == 0) {
                return;
            }
            int home = home(highs[table[at] - 1]);
            boolean mayMove = gap <= at ? home <= gap || home > at : home <= gap && home > at;
            if (mayMove) {
                table[gap] = table[at];
                table[at] = 0;
                gap = at;
            }
        }
    }
}
