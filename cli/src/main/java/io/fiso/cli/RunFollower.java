// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.proto.control.v1.Run;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Tells how a run goes that another process has, over the restarts of that process. Used by one thread. */
final class RunFollower {
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Supplier<Optional<ControlPlaneClient>> way;
    private final Narrator narrator;
    private final StopSignals signals;

    /** @param way leads to the control plane that has the run now; empty while there is none */
    RunFollower(Supplier<Optional<ControlPlaneClient>> way, Narrator narrator, StopSignals signals) {
        this.way = way;
        this.narrator = narrator;
        this.signals = signals;
    }

    /** The run at its end; empty if somebody asked to stop following first. */
    Optional<Run> follow(Run run) throws InterruptedException {
        boolean told = false;
        while (!signals.stopRequested()) {
            Optional<ControlPlaneClient> found = way.get();
            if (found.isPresent()) {
                try (ControlPlaneClient client = found.get()) {
                    return watch(client, run);
                } catch (CommandException e) {
                    String code = e.failure().code();
                    // A successor that has just come knows the run when it has taken it over.
                    boolean successor = told && code.equals("run.unknown");
                    if (!code.equals("controlplane.unavailable") && !successor) {
                        throw e;
                    }
                }
            }
            if (!told) {
                narrator.preparing(
                        "its control plane is gone, its components go on; waiting for the next one. Ctrl-C ends the waiting");
                told = true;
            }
            signals.await(POLL);
        }
        return Optional.empty();
    }

    /** In a thread of its own, since a signal ends the following and not the wait for the next state. */
    private Optional<Run> watch(ControlPlaneClient client, Run run) throws InterruptedException {
        CompletableFuture<Run> end = new CompletableFuture<>();
        Thread.ofVirtual().name("follow").start(() -> {
            try {
                Run last = run;
                for (Iterator<Run> states = client.watch(run.getId(), WATCH_INTERVAL); states.hasNext(); ) {
                    last = states.next();
                    narrator.update(last);
                }
                end.complete(last);
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        while (!end.isDone()) {
            if (signals.await(POLL)) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(end.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
