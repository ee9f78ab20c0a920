// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;

/**
 * What changes from a revision on. Holds nothing but its place: who reads too slowly finds that the next change is forgotten. For one reader; {@link #close} may be
 * called by anybody, and ends its waiting.
 */
public final class KeyWatch implements AutoCloseable {
    private final Feeds feeds;
    private final Feeds.Place place;
    private final KeyFilter filter;
    private long revision;
    private boolean signalled;
    private volatile boolean closed;
    private volatile Runnable ending = () -> {};

    KeyWatch(Feeds feeds, Feeds.Place place, KeyFilter filter, long revision) {
        this.feeds = feeds;
        this.place = place;
        this.filter = filter;
        this.revision = revision;
    }

    Feeds.Place place() {
        return place;
    }

    /** Up to which revision it has been read: a watch that is begun from the next one misses nothing. */
    public synchronized long revision() {
        return revision;
    }

    /**
     * Waits for changes.
     *
     * @return at least one
     * @throws BrokerException {@code broker.revision_gone} if one is forgotten, {@code broker.resource_not_found} if the store is removed,
     *     {@code broker.closed} if the watch is, or the broker
     */
    public KeyChanges next() {
        while (true) {
            synchronized (this) {
                signalled = false;
                requireOpen();
            }
            KeyChanges found = feeds.read(place, filter, revision());
            synchronized (this) {
                revision = found.revision();
                if (!found.changes().isEmpty()) {
                    return found;
                }
                await();
            }
        }
    }

    private synchronized void await() {
        try {
            while (!signalled && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.interrupted", "interrupted while waiting for a change", e);
        }
        requireOpen();
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.closed", "the watch has ended: the caller left, or the broker stops");
        }
    }

    /** There may be something to read. */
    synchronized void signal() {
        signalled = true;
        notifyAll();
    }

    /** What hears of the end, in whichever thread that comes; at once if it has come. May be called twice then. */
    public void whenEnded(Runnable ending) {
        this.ending = ending;
        if (closed) {
            ending.run();
        }
    }

    /** Whether {@link #next} finds nothing any more, and says why. */
    public boolean ended() {
        return closed;
    }

    void end() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        // Outside of the lock: it may take one of its own.
        ending.run();
    }

    @Override
    public void close() {
        end();
        feeds.leave(this);
    }
}
