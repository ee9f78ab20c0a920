// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.alarm.Alarms;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.alarm.Writes;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Makes writes to queues, and does afterwards what follows from them: wakes who waits, sets alarms, gives up jobs whose last lease ran out. */
final class Bells implements AutoCloseable {
    /** How many jobs one write gives up at most. */
    static final int GIVEN_UP_MAX = 64;

    static final String RAN_OUT = "the last lease ran out";

    private static final System.Logger LOG = System.getLogger(Bells.class.getName());
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 5_000;

    private final Map<Long, Bell> bells = new ConcurrentHashMap<>();
    private final Store store;
    private final Catalogue catalogue;
    private final DeadLetters deadLetters;
    private final Alarms alarms;
    private final Writes writes;
    private final InstantSource clock;
    private final QueueActivity activity;
    private volatile boolean closed;

    Bells(
            Store store,
            Catalogue catalogue,
            DeadLetters deadLetters,
            QueueActivity activity,
            Alarms alarms,
            InstantSource clock) {
        this.store = store;
        this.catalogue = catalogue;
        this.deadLetters = deadLetters;
        this.activity = activity;
        this.alarms = alarms;
        this.writes = new Writes(store, alarms, clock);
        this.clock = clock;
    }

    <R> R write(Durability durability, BiFunction<Change, Aftermath, R> write) {
        return writes.write(durability, followed(write));
    }

    /**
     * As {@link #write}, though the store has reached a bound: for what removes jobs, and for the small writes of those who work them off, without which no job
     * would ever go. A job whose last attempt ends so is moved with what it carries, which takes for a while what it has.
     */
    <R> R free(Durability durability, BiFunction<Change, Aftermath, R> write) {
        return writes.free(durability, followed(write));
    }

    private <R> Function<Change, Writes.Written<R>> followed(BiFunction<Change, Aftermath, R> write) {
        return change -> {
            Aftermath aftermath = new Aftermath();
            R result = write.apply(change, aftermath);
            return new Writes.Written<>(result, () -> follow(aftermath));
        };
    }

    private void follow(Aftermath aftermath) {
        activity.add(QueueActivity.Event.DEAD_LETTERED, aftermath.deadLetters());
        long now = clock.millis();
        for (Aftermath.Visible visible : aftermath.visible()) {
            // None is made for nobody: the queue may be gone by now. Who comes to wait looks first.
            Bell bell = visible.lastLease()
                    ? of(visible.queue())
                    : bells.get(visible.queue().id());
            if (bell == null) {
                continue;
            }
            if (visible.millis() <= now) {
                bell.wake(1);
            } else {
                bell.expect(visible.millis(), visible.lastLease());
            }
        }
    }

    Bell of(Resource queue) {
        Bell bell = bells.computeIfAbsent(queue.id(), _ -> new Bell(queue, alarms, this::rung));
        if (closed) {
            bell.close();
        }
        return bell;
    }

    /** How many queues somebody waits at, or an alarm is set for. */
    int count() {
        return bells.size();
    }

    int waiting() {
        return bells.values().stream().mapToInt(Bell::waiting).sum();
    }

    /** A queue is removed by a write that is not yet committed, and may fail: after it, who waits for its jobs looks, if it is not there any more. */
    void forget(Resource queue) {
        writes.settled(() -> {
            if (!closed && !isThere(queue)) {
                drop(queue);
            }
        });
    }

    /** For who has waited, and found the queue gone: he may have come when it was forgotten already. */
    void dropIfGone(Resource queue) {
        if (!closed && !isThere(queue)) {
            drop(queue);
        }
    }

    private boolean isThere(Resource queue) {
        return store.read(
                view -> catalogue.find(view, queue.name()).filter(queue::equals).isPresent());
    }

    private void drop(Resource queue) {
        Bell bell = bells.remove(queue.id());
        if (bell != null) {
            bell.dismiss();
        }
    }

    /** Sets the alarm for what was there before. */
    void start(Resource queue) {
        QueueView.LastLease first = store.read(view -> new QueueView(view, queue).firstLastLease());
        if (first != null) {
            of(queue).expect(first.endMillis(), true);
        }
    }

    private void rung(Bell bell) {
        if (closed) {
            return;
        }
        try {
            if (isThere(bell.queue())) {
                while (giveUp(bell.queue()) == GIVEN_UP_MAX) {
                    // There may be more.
                }
                wakeAndSet(bell);
            } else {
                drop(bell.queue());
            }
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "broker: the alarm of " + bell.queue().name() + " failed",
                    e);
            bell.expect(clock.millis() + PAUSE_AFTER_FAILURE_MILLIS, true);
        }
    }

    /** How many jobs, whose last leases have run out, it made dead letters. */
    private int giveUp(Resource queue) {
        if (!isLastLeaseOver(queue)) {
            return 0;
        }
        return write(queue.durability(), (change, aftermath) -> {
            long now = clock.millis();
            QueueChange jobs = new QueueChange(change, queue, aftermath);
            for (int given = 0; given < GIVEN_UP_MAX; given++) {
                QueueView.LastLease first = jobs.firstLastLease();
                if (first == null || first.endMillis() > now) {
                    return given;
                }
                deadLetters.giveUp(change, jobs, jobs.require(first.job()), RAN_OUT, now, aftermath);
            }
            return GIVEN_UP_MAX;
        });
    }

    private boolean isLastLeaseOver(Resource queue) {
        return store.read(view -> {
            QueueView.LastLease first = new QueueView(view, queue).firstLastLease();
            return first != null && first.endMillis() <= clock.millis();
        });
    }

    private void wakeAndSet(Bell bell) {
        int waiting = bell.waiting();
        long next = store.read(view -> {
            QueueView jobs = new QueueView(view, bell.queue());
            long now = clock.millis();
            if (waiting > 0) {
                bell.wake(jobs.due(now, waiting));
            }
            QueueView.LastLease first = jobs.firstLastLease();
            return Math.min(
                    first == null ? NextAlarm.NEVER : first.endMillis(),
                    bell.waiting() > 0 ? jobs.nextDue(now) : NextAlarm.NEVER);
        });
        if (next != NextAlarm.NEVER) {
            bell.expect(next, true);
        }
    }

    @Override
    public void close() {
        closed = true;
        bells.values().forEach(Bell::close);
    }
}
