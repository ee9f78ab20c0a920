// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that may run, the oldest arrival first, so that the settled prefix of an input grows and a crash replays little (guarantee D3). Those
 * that come nearly in the order of their arrival stand in a queue, and one that comes a little late is let in before the last few of it; only
 * those that come back much later go through a heap.
 */
final class TaskHeap {
    private static final int CHILDREN = 4;

    /** How many of the queue one that comes late may overtake; more costs more than the heap does. */
    private static final int OVERTAKEN_MAX = 32;

    /** A ring, rising by arrival. */
    private @Nullable Task[] queue = new Task[64];

    /** Of the tasks in the queue, beside them: comparing shall not touch the tasks. */
    private long[] queueArrivals = new long[64];

    private int first;
    private int queued;

    private @Nullable Task[] heap = new Task[64];

    /** Of the tasks in the heap. */
    private long[] arrivals = new long[64];

    private int size;

    void add(Task task) {
        if (queued == queue.length) {
            growQueue();
        }
        int mask = queue.length - 1;
        long arrival = task.arrival;
        int place = first + queued;
        int lowest = Math.max(first, place - OVERTAKEN_MAX);
        while (place > lowest && queueArrivals[(place - 1) & mask] > arrival) {
            place--;
        }
        if (place == lowest && place > first && queueArrivals[(place - 1) & mask] > arrival) {
            push(task);
            return;
        }
        for (int at = first + queued; at > place; at--) {
            queue[at & mask] = queue[(at - 1) & mask];
            queueArrivals[at & mask] = queueArrivals[(at - 1) & mask];
        }
        queue[place & mask] = task;
        queueArrivals[place & mask] = arrival;
        queued++;
    }

    private void growQueue() {
        int mask = queue.length - 1;
        @Nullable Task[] grown = new Task[queue.length * 2];
        long[] grownArrivals = new long[queue.length * 2];
        for (int n = 0; n < queued; n++) {
            grown[n] = queue[(first + n) & mask];
            grownArrivals[n] = queueArrivals[(first + n) & mask];
        }
        queue = grown;
        queueArrivals = grownArrivals;
        first = 0;
    }

    int size() {
        return size + queued;
    }

    boolean isEmpty() {
        return size == 0 && queued == 0;
    }

    @Nullable
    Task peek() {
        return heapIsOlder() ? heap[0] : queue[first];
    }

    private boolean heapIsOlder() {
        return size > 0 && (queued == 0 || arrivals[0] < queueArrivals[first]);
    }

    @Nullable
    Task poll() {
        if (heapIsOlder()) {
            Task next = heap[0];
            pop();
            return next;
        }
        Task next = queue[first];
        if (next != null) {
            queue[first] = null;
            first = (first + 1) & (queue.length - 1);
            queued--;
        }
        return next;
    }

    /** Takes out the one that was tried least often, the oldest of these. */
    @Nullable
    Task pollLeastProbed() {
        int mask = queue.length - 1;
        Task best = null;
        for (int n = 0; n < queued; n++) {
            best = lessProbed(queue[(first + n) & mask], best);
        }
        for (int i = 0; i < size; i++) {
            best = lessProbed(heap[i], best);
        }
        if (best != null && !removeFromQueue(best)) {
            removeFromHeap(best);
        }
        return best;
    }

    private boolean removeFromQueue(Task task) {
        int mask = queue.length - 1;
        int at = 0;
        while (at < queued && queue[(first + at) & mask] != task) {
            at++;
        }
        if (at == queued) {
            return false;
        }
        for (queued--; at < queued; at++) {
            queue[(first + at) & mask] = queue[(first + at + 1) & mask];
            queueArrivals[(first + at) & mask] = queueArrivals[(first + at + 1) & mask];
        }
        queue[(first + queued) & mask] = null;
        return true;
    }

    private static @Nullable Task lessProbed(@Nullable Task task, @Nullable Task best) {
        if (task == null || best == null) {
            return task == null ? best : task;
        }
        boolean better = task.probes < best.probes || (task.probes == best.probes && task.arrival < best.arrival);
        return better ? task : best;
    }

    private void push(Task task) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
            arrivals = Arrays.copyOf(arrivals, size * 2);
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) / CHILDREN;
            if (arrivals[parent] <= task.arrival) {
                break;
            }
            put(at, heap[parent], arrivals[parent]);
            at = parent;
        }
        put(at, task, task.arrival);
    }

    private void put(int at, @Nullable Task task, long arrival) {
        heap[at] = task;
        arrivals[at] = arrival;
    }

    private void pop() {
        size--;
        Task last = heap[size];
        long arrival = arrivals[size];
        heap[size] = null;
        int at = 0;
        while (at < size) {
            int first = at * CHILDREN + 1;
            if (first >= size) {
                break;
            }
            int smallest = first;
            for (int child = first + 1, end = Math.min(first + CHILDREN, size); child < end; child++) {
                if (arrivals[child] < arrivals[smallest]) {
                    smallest = child;
                }
            }
            if (arrival <= arrivals[smallest]) {
                break;
            }
            put(at, heap[smallest], arrivals[smallest]);
            at = smallest;
        }
        if (at < size) {
            put(at, last, arrival);
        }
    }

    private void removeFromHeap(Task task) {
        @Nullable Task[] old = Arrays.copyOf(heap, size);
        Arrays.fill(heap, 0, size, null);
        size = 0;
        for (Task kept : old) {
            if (kept != null && kept != task) {
                push(kept);
            }
        }
    }
}
