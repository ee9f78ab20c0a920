// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TaskHeapTest {
    private final TaskHeap heap = new TaskHeap();

    @Test
    void handsOutTheOldestArrivalFirst() {
        SplittableRandom random = new SplittableRandom(3);
        TreeMap<Long, Task> expected = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(5) < 3) {
                Task task = task(arrival(step, random));
                if (expected.putIfAbsent(task.arrival, task) == null) {
                    heap.add(task);
                }
            } else if (!expected.isEmpty()) {
                assertThat(heap.peek()).isSameAs(expected.firstEntry().getValue());
                assertThat(heap.poll()).isSameAs(expected.pollFirstEntry().getValue());
            }
            assertThat(heap.isEmpty()).isEqualTo(expected.isEmpty());
        }
    }

    /** Mostly rising, as events arrive; some a little late, since the ones before them ended late, and some that come back. */
    private static long arrival(int step, SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong(step + 1L) * 1_000 + step;
            case 1, 2 -> Math.max(0, step - random.nextInt(100)) * 1_000L + 1 + random.nextInt(900);
            default -> step * 1_000L;
        };
    }

    @Test
    void takesProbesFromTheMiddle() {
        List<Task> tasks = new ArrayList<>();
        for (int n = 0; n < 100; n++) {
            Task task = task((n * 37) % 100);
            task.probes = (int) task.arrival % 2 == 0 ? 1 : 0;
            tasks.add(task);
            heap.add(task);
        }
        for (long arrival = 1; arrival < 100; arrival += 2) {
            assertThat(Objects.requireNonNull(heap.pollLeastProbed()).arrival).isEqualTo(arrival);
        }
        assertThat(heap.size()).isEqualTo(50);
        for (long arrival = 0; arrival < 100; arrival += 2) {
            assertThat(Objects.requireNonNull(heap.poll()).arrival).isEqualTo(arrival);
        }
        assertThat(heap.poll()).isNull();
    }

    @Test
    void givesEveryoneATurnAsProbe() {
        List<Long> probed = new ArrayList<>();
        for (long arrival : new long[] {3, 1, 2}) {
            heap.add(task(arrival));
        }
        for (int turn = 0; turn < 6; turn++) {
            Task task = Objects.requireNonNull(heap.pollLeastProbed());
            probed.add(task.arrival);
            task.probes++;
            heap.add(task);
        }
        assertThat(probed).containsExactly(1L, 2L, 3L, 1L, 2L, 3L);
        assertThat(heap.poll()).matches(task -> Objects.requireNonNull(task).arrival == 1);
    }

    private static Task task(long arrival) {
        Task task = new Task();
        task.arrival = arrival;
        return task;
    }
}
