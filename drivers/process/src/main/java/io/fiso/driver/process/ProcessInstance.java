// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.OutputTail;
import io.fiso.driver.ProcessIdentity;
import io.fiso.driver.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process, the leader of a session of its own, and everything it started. */
final class ProcessInstance implements Instance {
    static final int HANDLE_VERSION = 1;
    private static final Duration KILL_CONFIRMATION = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);

    private final ProcessIdentity identity;
    private final LaunchMark mark;
    private final OutputTail errors;
    private final Path out;
    private final CompletableFuture<Status.Ended> ended = new CompletableFuture<>();

    /** @param child the process, if this process is its parent and will learn its exit code */
    ProcessInstance(ProcessIdentity identity, LaunchMark mark, OutputTail errors, Path out, @Nullable Process child) {
        this.identity = identity;
        this.mark = mark;
        this.errors = errors;
        this.out = out;
        Thread.ofVirtual().name("process-" + identity.pid()).start(() -> watch(child));
    }

    private void watch(@Nullable Process child) {
        try {
            Status.Ended end = child == null ? awaitStranger() : ended(child.waitFor());
            // Dead means dead with all descendants: only then may a replacement start.
            endDescendants();
            ended.complete(end);
        } catch (InterruptedException | RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    private Status.Ended awaitStranger() throws InterruptedException {
        while (identity.alive()) {
            Thread.sleep(POLL);
        }
        return Status.Ended.UNKNOWN;
    }

    /** The JDK adds 128 to the number of the signal that ended a process. */
    private static Status.Ended ended(int exitValue) {
        return exitValue > 128 && exitValue <= 128 + 64
                ? Status.Ended.signal(exitValue - 128)
                : Status.Ended.exit(exitValue);
    }

    private void endDescendants() throws InterruptedException {
        for (List<Long> holders = mark.holders(); !holders.isEmpty(); holders = mark.holders()) {
            for (long pid : holders) {
                Signals.process(pid, Signals.KILL);
            }
            Thread.sleep(POLL);
        }
    }

    @Override
    public Handle handle() {
        return new Handle(
                ProcessDriver.NAME,
                HANDLE_VERSION,
                Map.of(
                        "pid", Long.toString(identity.pid()),
                        "started", identity.started(),
                        "mark", mark.value(),
                        "log", errors.file().toString(),
                        "log_from", Long.toString(errors.from()),
                        "out", out.toString()));
    }

    /** What finds the process of a launch that has not happened yet. */
    static Handle intent(LaunchMark mark, Path log, Path out) {
        return new Handle(
                ProcessDriver.NAME,
                HANDLE_VERSION,
                Map.of("mark", mark.value(), "log", log.toString(), "log_from", "0", "out", out.toString()));
    }

    @Override
    public Status inspect() {
        return ended.isDone() ? ended.join() : new Status.Running();
    }

    @Override
    public Status.Ended stop(Duration grace) throws DriverException, InterruptedException {
        if (!ended.isDone() && !grace.isZero()) {
            signal(Signals.TERMINATE);
            try {
                return await(grace);
            } catch (TimeoutException _) {
                // Its grace is over.
            }
        }
        if (!ended.isDone()) {
            signal(Signals.KILL);
        }
        try {
            return await(KILL_CONFIRMATION);
        } catch (TimeoutException e) {
            throw new DriverException(
                    "driver.not_dead",
                    "process " + identity.pid() + " was killed but is not gone after " + KILL_CONFIRMATION.toSeconds()
                            + " s; it may hang in the kernel (look at /proc/" + identity.pid() + "/stack)",
                    e);
        }
    }

    private void signal(int signal) {
        if (!identity.alive()) {
            return;
        }
        // The group exists from the moment setsid has run; until then there is only the process.
        if (!Signals.group(identity.pid(), signal)) {
            Signals.process(identity.pid(), signal);
        }
    }

    private Status.Ended await(Duration time) throws TimeoutException, InterruptedException, DriverException {
        try {
            return ended.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new DriverException(
                    "driver.watch_failed", "process " + identity.pid() + " cannot be watched: " + e.getCause(), e);
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
    public void destroy() {
        // A dead process leaves nothing; its files are the pipeline's.
    }
}
