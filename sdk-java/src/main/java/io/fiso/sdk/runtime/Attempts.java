// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.event.WireEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs attempts of single events on virtual threads, as many as run at once, each within the call timeout. */
final class Attempts implements AutoCloseable {
    /** The author's code around one event. */
    interface Attempt {
        @Nullable
        Records run(WireEvent event, Task task) throws Exception;
    }

    private final CoreThread core;
    private final DeliveryCore delivery;
    private final Attempt attempt;
    private final PhaseTimer timer;
    private final LinkedBlockingQueue<Task> waiting = new LinkedBlockingQueue<>();
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    private final AtomicInteger busy = new AtomicInteger();
    private final CallWatch watch;

    Attempts(
            CoreThread core,
            DeliveryCore delivery,
            Duration timeout,
            PhaseTimer timer,
            Consumer<Throwable> failures,
            Attempt attempt) {
        this.core = core;
        this.delivery = delivery;
        this.attempt = attempt;
        this.timer = timer;
        this.watch = new CallWatch(timeout, failures);
    }

    /** Called on the core's thread. */
    void submit(Task task) {
        if (busy.incrementAndGet() > lanes.size()) {
            Lane lane = new Lane("fiso-lane-" + lanes.size());
            lanes.add(lane);
            lane.thread.start();
        }
        waiting.add(task);
    }

    @Override
    public void close() {
        watch.close();
        lanes.forEach(lane -> lane.thread.interrupt());
    }

    /** One thread, busy with at most one attempt. */
    private final class Lane {
        private final Thread thread;
        private final CallWatch.Call call = watch.calls();

        Lane(String name) {
            this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
        }

        private void run() {
            try {
                while (true) {
                    attempt(waiting.take());
                }
            } catch (InterruptedException e) {
                // The process ends.
            }
        }

        private void attempt(Task task) {
            WireEvent event = WireEvent.of(task.buffer(), task.offset(), task.length());
            long begin = System.nanoTime();
            call.begin(begin);
            Records outputs = null;
            Throwable reason = null;
            try {
                outputs = EventTrace.of(event).call(() -> attempt.run(event, task));
            } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
                reason = e;
            }
            boolean timedOut = call.end();
            timer.observe(System.nanoTime() - begin);
            busy.decrementAndGet();
            report(task, outputs, timedOut && reason != null ? watch.timedOut() : reason);
        }

        private void report(Task task, @Nullable Records outputs, @Nullable Throwable reason) {
            if (reason == null) {
                core.post(() -> delivery.succeeded(task, outputs));
            } else {
                Exception failure = reason instanceof Exception exception
                        ? exception
                        : new RuntimeException(reason.toString(), reason);
                core.post(() -> delivery.failed(task, failure));
            }
        }
    }
}
