// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a partition durably ends, and who waits for it to move. A view may show records before they are as durable as their stream asks: nobody is
 * given what lies past this.
 */
final class LiveEnd {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private volatile LogEnd end;

    LiveEnd(LogEnd end) {
        this.end = end;
    }

    LogEnd end() {
        return end;
    }

    long offset() {
        return end.endOffset();
    }

    void moved(LogEnd to) {
        end = to;
        wake();
    }

    void wake() {
        waiting.forEach(Runnable::run);
    }

    /** Runs this, on the thread that commits, whenever there is more or the stream is gone. */
    void listen(Runnable woken) {
        waiting.add(woken);
    }

    void unlisten(Runnable woken) {
        waiting.remove(woken);
    }
}
