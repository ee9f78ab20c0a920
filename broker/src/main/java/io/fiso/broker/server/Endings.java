// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has been begun and has to end: the last begun first, each whatever becomes of the others, and all but once. Thread-safe. */
final class Endings implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Endings.class.getName());

    private final Deque<Runnable> endings = new ArrayDeque<>();

    synchronized void add(Runnable ending) {
        endings.push(ending);
    }

    @Override
    public synchronized void close() {
        while (!endings.isEmpty()) {
            try {
                endings.pop().run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "broker: a part did not end well", e);
            }
        }
    }
}
