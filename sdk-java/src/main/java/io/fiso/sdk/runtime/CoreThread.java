// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that applies decisions. Others post what happened; it takes all that was posted at once, applies it, and then lets the
 * work settle down: sends what is ready, arms the next timer.
 */
final class CoreThread implements AutoCloseable {
    /** What the thread does beside the posted tasks. */
    interface Work {
        /** Called after every round of posted tasks, and when the time it returned has come: System.nanoTime() of the next call, or Long.MAX_VALUE. */
        long settleDown(long nowNanos);

        /** A task or settleDown threw; the thread ends after this. */
        void failed(Throwable reason);
    }

    private final Work work;
    private final Thread thread;
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final Object lock = new Object();
    private List<Runnable> posted = new ArrayList<>();
    private volatile boolean closed;
    private volatile boolean poked;
    private volatile long busyNanos;

    CoreThread(String name, Work work) {
        this.work = work;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Runs a task on the core thread, after those posted before. Never blocks; ignored after close. */
    void post(Runnable task) {
        synchronized (lock) {
            posted.add(task);
        }
        wake();
    }

    /** Makes the thread look around soon. */
    void wake() {
        poked = true;
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
    }

    long busyNanos() {
        return busyNanos;
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        if (!isCurrent()) {
            try {
                thread.join(1_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        List<Runnable> taken = new ArrayList<>();
        try {
            while (!closed) {
                long begin = System.nanoTime();
                poked = false;
                taken = swap(taken);
                for (Runnable task : taken) {
                    task.run();
                }
                taken.clear();
                long next = work.settleDown(System.nanoTime());
                busyNanos += System.nanoTime() - begin;
                sleepUntil(next);
            }
        } catch (Throwable reason) {
            work.failed(reason);
        }
    }

    private List<Runnable> swap(List<Runnable> empty) {
        synchronized (lock) {
            List<Runnable> taken = posted;
            posted = empty;
            return taken;
        }
    }

    private void sleepUntil(long next) {
        sleeping.set(true);
        while (sleeping.get() && !closed && !poked) {
            long left = next == Long.MAX_VALUE ? Long.MAX_VALUE : next - System.nanoTime();
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
        }
        sleeping.set(false);
    }
}
