// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.alarm.Alarms;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredJob;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Hands out jobs, to those who wait too. */
final class Reserving {
    /** The jobs of one answer with all they carry, if they are more than one: clients of gRPC take messages of 4 MiB unless told otherwise. */
    static final int ANSWER_BYTES_MAX = 3 * 1024 * 1024;

    private final Store store;
    private final Catalogue catalogue;
    private final DeadLetters deadLetters;
    private final Leases leases;
    private final Bells bells;
    private final Alarms alarms;
    private final InstantSource clock;

    Reserving(
            Store store,
            Catalogue catalogue,
            DeadLetters deadLetters,
            Leases leases,
            Bells bells,
            Alarms alarms,
            InstantSource clock) {
        this.store = store;
        this.catalogue = catalogue;
        this.deadLetters = deadLetters;
        this.leases = leases;
        this.bells = bells;
        this.alarms = alarms;
        this.clock = clock;
    }

    /** What is asked for. */
    record Wish(ResourceName queue, int max, Optional<Duration> visibilityTimeout) {}

    List<Delivery> reserve(Wish wish, Duration wait, Patience patience) {
        wish.visibilityTimeout().ifPresent(Times::visibilityTimeout);
        long waitMillis = Times.wait(wait);
        Resource queue = store.read(view -> catalogue.require(view, wish.queue()));
        List<Delivery> found = look(queue) == 0 ? take(wish, queue) : List.of();
        if (!found.isEmpty() || waitMillis == 0) {
            return found;
        }
        Waiter waiter = new Waiter();
        patience.whenOver(waiter::cancel);
        Bell bell = bells.of(queue);
        Alarms.Alarm timeOut = alarms.at(Instant.ofEpochMilli(clock.millis() + waitMillis), waiter::timeOut);
        try {
            return await(wish, bell, waiter);
        } catch (BrokerException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                bells.dropIfGone(queue);
            }
            throw e;
        } finally {
            timeOut.cancel();
            bell.leave(waiter);
        }
    }

    private List<Delivery> await(Wish wish, Bell bell, Waiter waiter) {
        while (true) {
            bell.enter(waiter);
            long next = look(bell.queue());
            if (next != 0) {
                bell.expect(next, false);
                switch (waiter.await()) {
                    case WOKEN -> {}
                    case TIMED_OUT -> {
                        return List.of();
                    }
                    case CANCELLED ->
                        throw new BrokerException(
                                Kind.UNAVAILABLE, "broker.cancelled", "the caller does not wait for a job any more");
                    case CLOSED ->
                        throw new BrokerException(Kind.UNAVAILABLE, "broker.closed", "the broker is shutting down");
                }
            }
            // Before it looks: a wake that comes later is for a job that it may not see.
            waiter.takeWake();
            List<Delivery> found;
            try {
                found = take(wish, bell.queue());
            } catch (RuntimeException e) {
                bell.wake(1);
                throw e;
            }
            if (!found.isEmpty()) {
                return found;
            }
        }
    }

    /** 0 if a job is due, else when one will be; {@link NextAlarm#NEVER} if there is none. A write that finds nothing would cost more. */
    private long look(Resource queue) {
        return store.read(view -> {
            long now = clock.millis();
            QueueView jobs = new QueueView(view, same(view, queue));
            return jobs.anyDue(now) ? 0 : jobs.nextDue(now);
        });
    }

    private Resource same(View view, Resource queue) {
        Resource current = catalogue.require(view, queue.name());
        if (current.id() != queue.id()) {
            throw new BrokerException(
                    Kind.NOT_FOUND,
                    "broker.resource_not_found",
                    queue.name() + " was removed, and another made in its place; ask again");
        }
        return current;
    }

    private List<Delivery> take(Wish wish, Resource queue) {
        return bells.free(queue.durability(), (change, aftermath) -> {
            // Found anew: it may have been removed since, or made again.
            Resource current = same(change, queue);
            return take(wish, change, new QueueChange(change, current, aftermath), aftermath);
        });
    }

    private List<Delivery> take(Wish wish, Change change, QueueChange jobs, Aftermath aftermath) {
        long now = clock.millis();
        long end = now
                + Times.visibilityTimeout(
                        wish.visibilityTimeout().orElse(jobs.queue.queue().visibilityTimeout()));
        List<Delivery> found = new ArrayList<>();
        long bytes = 0;
        int givenUp = 0;
        for (int priority = NewJob.PRIORITY_MAX; priority >= 0; priority--) {
            Entry entry;
            while (found.size() < wish.max() && (entry = jobs.due(priority, now)) != null) {
                StoredJob job = jobs.require(IndexKey.of(entry.key()).job());
                if (Mark.of(entry.value()) == Mark.LAST_LEASE) {
                    // The alarm is late. The rest is left to it.
                    deadLetters.giveUp(change, jobs, job, Bells.RAN_OUT, now, aftermath);
                    if (++givenUp == Bells.GIVEN_UP_MAX) {
                        return found;
                    }
                    continue;
                }
                StoredContent content = jobs.content(job.getId());
                bytes += StoredForms.answerBytes(job, content);
                if (!found.isEmpty() && bytes > ANSWER_BYTES_MAX) {
                    return found;
                }
                found.add(lease(jobs, job, content, end, now));
            }
        }
        return found;
    }

    private Delivery lease(QueueChange jobs, StoredJob job, StoredContent content, long end, long now) {
        int attempt = job.getAttempts() + 1;
        StoredJob leased = job.toBuilder()
                .setAttempts(attempt)
                .setVisibleMillis(end)
                .setLease(leases.secret())
                .setLastLease(DeadLetters.isLast(jobs, job, attempt))
                .build();
        jobs.replace(job, leased);
        return new Delivery(
                StoredForms.job(leased, now),
                StoredForms.content(content),
                new LeaseToken(
                        jobs.queue.id(), job.getId(), attempt, leased.getLease().toByteArray()));
    }
}
