// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How much is measured.
 *
 * @param root where what is measured lies
 * @param rounds of which the median counts, after one that warms up
 * @param time of one measurement within a round
 * @param records that wait in a stream, and jobs that wait in a queue where memory is measured
 * @param jobs that a queue has seen, or that wait in it, where reserve and ack are measured
 */
record Scale(Path root, int rounds, Duration time, int records, int jobs) {
    static Scale full(Path root) {
        return new Scale(root, 3, Duration.ofSeconds(3), 1_000_000, 100_000);
    }

    /** To see that everything runs; its figures mean nothing. */
    static Scale small(Path root) {
        return new Scale(root, 1, Duration.ofMillis(200), 20_000, 2_000);
    }
}
