// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.controlplane.ControlPlaneException.Kind;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a broker on a thread of its own, once for all who ask meanwhile: a program that starts takes seconds, which neither the loop nor anybody's
 * heartbeat may wait for. For any thread; nothing here blocks.
 */
final class BrokerSearch implements AutoCloseable {
    private final BrokerProvider provider;
    private @Nullable Ongoing ongoing;
    private boolean closed;

    /** What is being looked for, and who looks. */
    private record Ongoing(CompletableFuture<BrokerAddress> answer, Thread thread) {}

    BrokerSearch(BrokerProvider provider) {
        this.provider = provider;
    }

    /** Refuses a run whose components could not reach one. */
    void requireFor(String driver) {
        if (!provider.reaches(driver)) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "run.no_broker",
                    "this run has no broker: there is none here that components of driver \"" + driver
                            + "\" could reach; give the component the address and the token of one in its config");
        }
    }

    /** Ends with an address, or exceptionally with what callers are to be told. */
    synchronized CompletableFuture<BrokerAddress> find() {
        if (closed) {
            return CompletableFuture.failedFuture(ending(null));
        }
        if (ongoing == null) {
            CompletableFuture<BrokerAddress> answer = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().name("broker-search").daemon().unstarted(() -> look(answer));
            ongoing = new Ongoing(answer, thread);
            thread.start();
        }
        return ongoing.answer();
    }

    private void look(CompletableFuture<BrokerAddress> answer) {
        try {
            BrokerAddress found = provider.find();
            over();
            answer.complete(found);
        } catch (IOException e) {
            over();
            answer.completeExceptionally(new ControlPlaneException(
                    Kind.ENVIRONMENT, "broker.not_started", String.valueOf(e.getMessage()), e));
        } catch (InterruptedException e) {
            over();
            answer.completeExceptionally(ending(e));
        } catch (RuntimeException | Error e) {
            over();
            answer.completeExceptionally(e);
        }
    }

    /** Who asks from now on has a new look. */
    private synchronized void over() {
        ongoing = null;
    }

    private static ControlPlaneException ending(@Nullable Throwable cause) {
        return new ControlPlaneException(
                Kind.ENVIRONMENT, "controlplane.ending", "this control plane is ending", cause);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (ongoing != null) {
            ongoing.thread().interrupt();
        }
    }
}
