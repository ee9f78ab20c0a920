// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The one thread on which every decision is made and applied. */
final class EventLoop implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventLoop.class.getName());
    private static final int QUEUE_MAX = 10_000;
    private static final Duration ASK_MAX = Duration.ofSeconds(10);

    private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Duration tick;
    private final Runnable onTick;
    private final Thread thread;
    private volatile boolean closed;

    /** @param onTick called on the loop's thread at least this often */
    EventLoop(Duration tick, Runnable onTick) {
        this.tick = tick;
        this.onTick = onTick;
        this.thread = Thread.ofPlatform().name("control-plane").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long nextTick = System.nanoTime();
        while (!closed) {
            try {
                Runnable task = queue.poll(Math.max(0, nextTick - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (task != null) {
                    task.run();
                }
                if (System.nanoTime() - nextTick >= 0) {
                    nextTick = System.nanoTime() + tick.toNanos();
                    onTick.run();
                }
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "control plane: a decision failed", e);
            }
        }
    }

    /** Does this on the loop's thread, some time. News is dropped after the end. Blocks while the queue is full. */
    void tell(Runnable task) {
        try {
            if (!closed) {
                queue.put(task);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does this on the loop's thread and waits for the result, with a deadline. */
    <T> T ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        tell(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(ASK_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new ControlPlaneException(
                    Kind.INTERNAL,
                    "controlplane.busy",
                    "the control plane did not answer within " + ASK_MAX.toSeconds() + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlPlaneException(Kind.INTERNAL, "controlplane.interrupted", "interrupted", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
