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
    private final ArrayDeque<Task> inOrder = new ArrayDeque<>();
    private @Nullable Task[] heap = new Task[64];
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
        Task top = size == 0 ? null : heap[0];
        return top == null || (queued != null && queued.arrival < top.arrival) ? queued : top;
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
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            Task above = heap[parent];
            if (above == null || above.arrival <= task.arrival) {
                break;
            }
            heap[at] = above;
            at = parent;
        }
        heap[at] = task;
    }

    private void pop() {
        Task last = heap[--size];
        heap[size] = null;
        if (size > 0 && last != null) {
            sink(0, last);
        }
    }

    private void sink(int from, Task task) {
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            Task smaller = heap[child];
            Task right = child + 1 < size ? heap[child + 1] : null;
            if (right != null && smaller != null && right.arrival < smaller.arrival) {
                child++;
                smaller = right;
            }
            if (smaller == null || task.arrival <= smaller.arrival) {
                break;
            }
            heap[at] = smaller;
            at = child;
        }
        heap[at] = task;
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
