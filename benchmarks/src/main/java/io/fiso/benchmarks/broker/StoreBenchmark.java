// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Durable puts a second by 1, 16 and 64 writers: to the broker's store, to Xodus bare with one committer thread, and to a plain file with group commit.
 * The three take turns, so that what disturbs the machine disturbs all; prints each round, and the medians.
 *
 * <pre>
 * java --add-opens java.base/sun.nio.ch=ALL-UNNAMED -cp … io.fiso.benchmarks.broker.StoreBenchmark DIRECTORY [rounds [seconds]]
 * </pre>
 */
public final class StoreBenchmark {
    private static final int VALUE_BYTES = 200;
    private static final List<Integer> WRITERS = List.of(1, 16, 64);

    private StoreBenchmark() {}

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Duration time = Duration.ofSeconds(args.length > 2 ? Integer.parseInt(args[2]) : 4);
        for (int writers : WRITERS) {
            List<List<Double>> rates = new ArrayList<>();
            for (DurablePuts.Kind _ : DurablePuts.Kind.values()) {
                rates.add(new ArrayList<>());
            }
            for (int round = -1; round < rounds; round++) { // The first warms up.
                for (DurablePuts.Kind kind : DurablePuts.Kind.values()) {
                    double rate = measure(kind, root, writers, time, VALUE_BYTES);
                    if (round >= 0) {
                        rates.get(kind.ordinal()).add(rate);
                    }
                }
            }
            for (DurablePuts.Kind kind : DurablePuts.Kind.values()) {
                List<Double> all = rates.get(kind.ordinal());
                System.out.printf(
                        Locale.ROOT,
                        "%2d writers  %-6s %8.0f puts/s  of %s%n",
                        writers,
                        kind,
                        Callers.median(all),
                        all.stream().map(Math::round).toList());
            }
        }
    }

    /** Puts a second, in a new directory that is gone afterwards. */
    static double measure(DurablePuts.Kind kind, Path root, int writers, Duration time, int valueBytes)
            throws Exception {
        try (Scratch scratch = Scratch.in(root);
                DurablePuts puts = kind.open(scratch.directory())) {
            byte[] value = new byte[valueBytes];
            return Callers.rate(writers, time, caller -> {
                long[] next = {0};
                return () -> {
                    puts.put(
                            ByteBuffer.allocate(12)
                                    .putInt(caller)
                                    .putLong(next[0]++)
                                    .array(),
                            value);
                    return 1;
                };
            });
        }
    }
}
