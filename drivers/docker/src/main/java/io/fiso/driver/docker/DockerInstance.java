// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.OutputTail;
import io.fiso.driver.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One container. When its first process is dead, the kernel has ended everything else in it. */
final class DockerInstance implements Instance {
    static final int HANDLE_VERSION = 1;
    private static final System.Logger LOG = System.getLogger(DockerInstance.class.getName());
    private static final Duration KILL_CONFIRMATION = Duration.ofSeconds(10);
    private static final Duration ENGINE_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_OUTPUT_MAX = Duration.ofSeconds(10);

    private final Containers containers;
    private final String container;
    private final String mark;
    private final OutputTail errors;
    private final Path out;
    private final OutputFollower follower;
    private final CompletableFuture<Status.Ended> ended = new CompletableFuture<>();

    DockerInstance(
            Containers containers,
            String container,
            String mark,
            OutputTail errors,
            Path out,
            OutputFollower follower) {
        this.containers = containers;
        this.container = container;
        this.mark = mark;
        this.errors = errors;
        this.out = out;
        this.follower = follower;
    }

    DockerInstance watched() {
        Thread.ofPlatform().daemon().name("container-" + shown()).start(this::watch);
        return this;
    }

    private void watch() {
        try {
            Status.Ended end = awaitEnd();
            if (!follower.awaitEnd(LAST_OUTPUT_MAX)) {
                LOG.log(System.Logger.Level.WARNING, "the last of its output is not written yet container=" + shown());
            }
            ended.complete(end);
        } catch (InterruptedException | RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    private Status.Ended awaitEnd() throws InterruptedException {
        while (true) {
            try {
                Optional<Containers.Found> found = containers.find(container);
                if (found.isEmpty()) {
                    return Status.Ended.UNKNOWN;
                }
                if (!found.get().running()) {
                    return found.get().end();
                }
                containers.awaitEnd(container);
            } catch (DriverException | IOException e) {
                // An engine that is away confirms nothing: the container may well run on without it.
                LOG.log(System.Logger.Level.DEBUG, "container not watched, tried again container=" + shown(), e);
                Thread.sleep(ENGINE_RETRY);
            }
        }
    }

    @Override
    public Handle handle() {
        return new Handle(
                DockerDriver.NAME,
                HANDLE_VERSION,
                Map.of(
                        "container", container,
                        "mark", mark,
                        "log", errors.file().toString(),
                        "log_from", Long.toString(errors.from()),
                        "out", out.toString()));
    }

    @Override
    public Status inspect() {
        return ended.isDone() ? ended.join() : new Status.Running();
    }

    @Override
    public Status.Ended stop(Duration grace) throws DriverException, InterruptedException {
        if (!ended.isDone() && !grace.isZero()) {
            containers.signal(container, "TERM");
            try {
                return await(grace);
            } catch (TimeoutException _) {
                // Its grace is over.
            }
        }
        if (!ended.isDone()) {
            containers.signal(container, "KILL");
        }
        try {
            return await(KILL_CONFIRMATION);
        } catch (TimeoutException e) {
            throw new DriverException(
                    "driver.not_dead",
                    "container " + shown() + " was killed but has not ended after " + KILL_CONFIRMATION.toSeconds()
                            + " s; it or the engine may hang (look at docker inspect " + shown() + ")",
                    e);
        }
    }

    private Status.Ended await(Duration time) throws TimeoutException, InterruptedException, DriverException {
        try {
            return ended.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new DriverException(
                    "driver.watch_failed", "container " + shown() + " cannot be watched: " + e.getCause(), e);
        }
    }

    @Override
    public void onEnd(Consumer<Status.Ended> listener) {
        var _ = ended.thenAcceptAsync(listener, task -> Thread.ofVirtual().start(task));
    }

    @Override
    public List<String> lastErrorLines(int limit) {
        return errors.lines(limit);
    }

    @Override
    public void destroy() throws DriverException {
        containers.remove(container, false);
        follower.close();
        try {
            Files.deleteIfExists(Cursor.path(errors.file(), mark));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cursor not removed container=" + shown(), e);
        }
    }

    private String shown() {
        return container.substring(0, Math.min(12, container.length()));
    }
}
