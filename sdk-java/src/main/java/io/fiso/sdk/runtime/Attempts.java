// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.event.WireEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs attempts of single events on virtual threads, each within the call timeout. */
final class Attempts implements AutoCloseable {
    /** The author's code around one event. */
    interface Attempt {
        @Nullable
        Records run(WireEvent event, Task task) throws Exception;
    }

    private final CoreThread core;
    private final Attempt attempt;
    private final PhaseTimer timer;
    private final LinkedBlockingQueue<Task> waiting = new LinkedBlockingQueue<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final CallWatch watch;

    Attempts(
            CoreThread core,
            DeliveryCore delivery,
            int parallelism,
            Duration timeout,
            PhaseTimer timer,
            Consumer<Throwable> failures,
            Attempt attempt) {
        this.core = core;
        this.attempt = attempt;
        this.timer = timer;
        this.watch = new CallWatch(timeout, failures);
        for (int index = 0; index < parallelism; index++) {
            lanes.add(new Lane(delivery, "fiso-lane-" + index));
        }
        lanes.forEach(lane -> lane.thread.start());
    }

    void submit(Task task) {
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
        private final DeliveryCore delivery;
        private final CallWatch.Call call = watch.calls();

        Lane(DeliveryCore delivery, String name) {
            this.delivery = delivery;
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
