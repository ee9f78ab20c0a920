// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** How much of memory the bodies of all requests take together. Thread-safe. */
final class Bodies {
    private final int maxBytes;
    private final Semaphore free;

    Bodies(int maxBytes) {
        this.maxBytes = maxBytes;
        this.free = new Semaphore(maxBytes);
    }

    /** @throws HttpProblem if so much is not free: the client does better later */
    Room take(int bytes) {
        if (!free.tryAcquire(bytes)) {
            throw HttpProblem.of(
                    503,
                    Status.Code.UNAVAILABLE,
                    "broker.http_busy",
                    "the bodies of the requests that are being served have " + maxBytes
                            + " bytes together, and no more are taken",
                    Map.of("Retry-After", "1"));
        }
        return new Room(bytes);
    }

    /** What one request has taken. */
    final class Room implements AutoCloseable {
        private int bytes;

        private Room(int bytes) {
            this.bytes = bytes;
        }

        /** Gives back what turned out not to be needed. */
        void shrink(int to) {
            free.release(bytes - to);
            bytes = to;
        }

        @Override
        public void close() {
            shrink(0);
        }
    }
}
