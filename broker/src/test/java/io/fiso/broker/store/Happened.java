// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts by name what happened in the schedules. Thread-safe. */
final class Happened {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    void count(String what) {
        counts.computeIfAbsent(what, _ -> new LongAdder()).increment();
    }

    /** @throws AssertionError if one of these never did */
    void assertAll(String... all) {
        for (String each : all) {
            if (!counts.containsKey(each)) {
                throw new AssertionError("never happened: " + each + "; only " + this);
            }
        }
    }

    @Override
    public String toString() {
        return new TreeMap<>(counts).toString();
    }
}
