// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.keyvalue.KeyChanges;
import io.fiso.broker.keyvalue.KeyWatch;
import io.fiso.proto.broker.v1.WatchKeysResponse;
import io.grpc.stub.ServerCallStreamObserver;

/** Sends what a watch sees, no faster than the caller takes it. What waits to be sent is one answer; the rest stays in the store. */
final class WatchCall implements Runnable {
    private final KeyWatch watch;
    private final ServerCallStreamObserver<WatchKeysResponse> call;

    WatchCall(KeyWatch watch, ServerCallStreamObserver<WatchKeysResponse> call) {
        this.watch = watch;
        this.call = call;
        watch.whenEnded(this::ready);
    }

    @Override
    public void run() {
        try (watch) {
            call.onNext(
                    WatchKeysResponse.newBuilder().setRevision(watch.revision()).build());
            while (awaitReady()) {
                KeyChanges changes = watch.next();
                WatchKeysResponse.Builder answer =
                        WatchKeysResponse.newBuilder().setRevision(changes.revision());
                changes.changes().forEach(change -> answer.addChanges(WireKeys.of(change)));
                call.onNext(answer.build());
            }
        } catch (Throwable e) { // An Error too: who is not answered waits for ever.
            if (!call.isCancelled()) {
                call.onError(GrpcErrors.toStatus(e));
            }
        }
    }

    /** Whether the caller is still there; a watch that has ended is not waited for, and says so by itself. */
    private synchronized boolean awaitReady() {
        try {
            while (!call.isReady() && !call.isCancelled() && !watch.ended()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.interrupted", "interrupted while waiting for the caller", e);
        }
        return !call.isCancelled();
    }

    synchronized void ready() {
        notifyAll();
    }

    void cancelled() {
        watch.close();
        ready();
    }
}
