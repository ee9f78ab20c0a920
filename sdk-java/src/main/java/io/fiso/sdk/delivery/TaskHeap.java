// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that may run, the oldest arrival first, so that the settled prefix of an input grows and a crash replays little (guarantee D3). Those
 * that come in the order of their arrival stand in a queue; only those that come back, or follow another of their key, go through a heap.
 */
final class TaskHeap {
    private static final int CHILDREN = 4;

    private final ArrayDeque<Task> inOrder = new ArrayDeque<>();
    private @Nullable Task[] heap = new Task[64];

    /** Of the tasks in the heap, beside them: comparing shall not touch the tasks. */
    private long[] arrivals = new long[64];

    private int size;

    void add(Task task) {
        Task last = inOrder.peekLast();
        if (last == null || last.arrival < task.arrival) {
            inOrder.add(task);
        } else {
            push(task);
        }
    }

    int size() {
        return size + inOrder.size();
    }

    boolean isEmpty() {
        return size == 0 && inOrder.isEmpty();
    }

    @Nullable
    Task peek() {
        Task queued = inOrder.peek();
        if (size == 0) {
            return queued;
        }
        return queued != null && queued.arrival < arrivals[0] ? queued : heap[0];
    }

    @Nullable
    Task poll() {
        Task next = peek();
        if (next != null && size > 0 && next == heap[0]) {
            pop();
        } else {
            inOrder.poll();
        }
        return next;
    }

    /** Takes out the one that was tried least often, the oldest of these. */
    @Nullable
    Task pollLeastProbed() {
        Task best = null;
        for (Task task : inOrder) {
            best = lessProbed(task, best);
        }
        for (int i = 0; i < size; i++) {
            best = lessProbed(heap[i], best);
        }
        if (best != null && !inOrder.remove(best)) {
            removeFromHeap(best);
        }
        return best;
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
