// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.WatchWiringResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One component's stream of wiring. Bounded: a receiver that does not keep up is owed only the newest snapshot, since each is complete. Used on the loop's
 * thread alone.
 */
final class WiringWatch {
    private final String component;
    private final String instance;
    private final ServerCallStreamObserver<WatchWiringResponse> observer;
    private @Nullable WatchWiringResponse owed;
    private long sentVersion;

    WiringWatch(String component, String instance, ServerCallStreamObserver<WatchWiringResponse> observer) {
        this.component = component;
        this.instance = instance;
        this.observer = observer;
    }

    String component() {
        return component;
    }

    String instance() {
        return instance;
    }

    boolean cancelled() {
        return observer.isCancelled();
    }

    void offer(WatchWiringResponse snapshot) {
        owed = snapshot;
        flush();
    }

    /** Sends what is owed if the receiver can take it. */
    void flush() {
        if (owed != null && observer.isReady() && !observer.isCancelled()) {
            WatchWiringResponse snapshot = Objects.requireNonNull(owed);
            owed = null;
            if (snapshot.getVersion() > sentVersion) {
                sentVersion = snapshot.getVersion();
                observer.onNext(snapshot);
            }
        }
    }

    void end() {
        if (!observer.isCancelled()) {
            observer.onCompleted();
        }
    }
}
