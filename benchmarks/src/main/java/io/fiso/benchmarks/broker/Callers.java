// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** So many threads that do the same again and again. */
final class Callers {
    private Callers() {}

    /** One turn of one caller. */
    @FunctionalInterface
    interface Turn {
        /** @return what was done, in units of what is measured; 0 ends this caller */
        long once() throws Exception;
    }

    /**
     * What all of them do in a second. Each thread does its turns until the time is over.
     *
     * @param turn makes the turns of caller 0, 1, …
     */
    static double rate(int callers, Duration time, IntFunction<Turn> turn) throws Exception {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        long done = 0;
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("caller-", 0).factory())) {
            List<Future<Long>> sums = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                Turn turns = turn.apply(caller);
                Callable<Long> all = () -> sum(turns, end);
                sums.add(threads.submit(all));
            }
            for (Future<Long> sum : sums) {
                done += sum.get();
            }
        }
        return done / ((System.nanoTime() - begin) / 1e9);
    }

    private static long sum(Turn turns, long end) throws Exception {
        long sum = 0;
        while (System.nanoTime() - end < 0) {
            long done = turns.once();
            if (done == 0) {
                return sum;
            }
            sum += done;
        }
        return sum;
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
