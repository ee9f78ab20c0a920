// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import io.fiso.broker.BrokerException;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import java.time.InstantSource;
import java.util.function.Function;

/** Writes that have consequences once they are committed, such as that somebody is woken. Thread-safe. */
public final class Writes {
    private static final System.Logger LOG = System.getLogger(Writes.class.getName());

    private final Store store;
    private final Alarms alarms;
    private final InstantSource clock;

    public Writes(Store store, Alarms alarms, InstantSource clock) {
        this.store = store;
        this.alarms = alarms;
        this.clock = clock;
    }

    /** @param after what follows; must not block */
    public record Written<R>(R result, Runnable after) {}

    /** What follows from a write as it was run last: set by the thread that writes. */
    private static final class Consequence {
        private volatile Runnable follows = () -> {};
    }

    /** As {@link Store#write}, and does then what follows. A caller that is interrupted, or whom the disk keeps waiting too long, goes without the answer; what follows is done yet. */
    public <R> R write(Durability durability, Function<Change, Written<R>> write) {
        return write(durability, false, write);
    }

    /** As {@link #write}, with {@link Store#free}: passes when the store has reached a bound. */
    public <R> R free(Durability durability, Function<Change, Written<R>> write) {
        return write(durability, true, write);
    }

    private <R> R write(Durability durability, boolean freeing, Function<Change, Written<R>> write) {
        Consequence after = new Consequence();
        Function<Change, R> noting = change -> {
            Written<R> written = write.apply(change);
            after.follows = written.after();
            return written.result();
        };
        R result;
        try {
            result = freeing ? store.free(durability, noting) : store.write(durability, noting);
        } catch (BrokerException e) {
            if (Thread.currentThread().isInterrupted() || e.code().equals("broker.write_unknown")) {
                settled(() -> after.follows.run());
            }
            throw e;
        }
        after.follows.run();
        return result;
    }

    /** Runs this when all writes that were asked for before are committed, or have failed. */
    public void settled(Runnable then) {
        alarms.at(clock.instant(), () -> {
            try {
                // Writes are answered in their order.
                store.write(Durability.OS, _ -> true);
            } catch (BrokerException e) {
                LOG.log(System.Logger.Level.DEBUG, "broker: no write was settled", e);
            }
            then.run();
        });
    }
}
