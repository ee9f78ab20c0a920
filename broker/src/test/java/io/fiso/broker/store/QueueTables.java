// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tables of a queue. Each purge begins new ones. */
final class QueueTables {
    private QueueTables() {}

    /**
     * Each job is once in each table, and in none that was purged.
     *
     * @param purges how many there have been at most
     * @param last how many jobs are leased for the last time
     */
    static void check(View view, long queue, int purges, long jobs, long last) {
        for (String what : List.of("index", "jobs", "contents")) {
            KeptTables.checkCount(view, of(queue, purges, what), jobs, "jobs");
        }
        KeptTables.checkCount(view, of(queue, purges, "last"), last, "last leases");
    }

    static Set<String> all(long queue, int purges) {
        return Stream.of("index", "jobs", "contents", "last")
                .flatMap(what -> of(queue, purges, what).stream())
                .collect(Collectors.toSet());
    }

    private static Set<String> of(long queue, int purges, String what) {
        return IntStream.rangeClosed(0, purges)
                .mapToObj(epoch -> "queue." + queue + "." + epoch + "." + what)
                .collect(Collectors.toSet());
    }
}
