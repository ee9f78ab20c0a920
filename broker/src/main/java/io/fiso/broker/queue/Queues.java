// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.alarm.Alarms;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import io.fiso.proto.broker.stored.v1.StoredJob;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that are handed out, one worker at a time, until one says that it is done.
 *
 * <ol>
 *   <li>A job that was acked never comes back; one that was not is ready, delayed, leased, or a dead letter.
 *   <li>A delivery is counted, durably, before it is answered.
 *   <li>A lease ends when its time is over, by the broker's clock: from then on its token is refused, and the job is visible or a dead letter.
 *   <li>What is visible is handed out by priority, then time of visibility, then number.
 * </ol>
 *
 * Every method blocks until its change is as durable as the queue says, and throws {@link BrokerException}: {@code broker.resource_not_found} if there is no such
 * queue. Thread-safe. Close it before the store.
 */
public final class Queues implements AutoCloseable {
    public static final int JOBS_MAX = 1_000;
    public static final int REASON_CHARACTERS_MAX = 1_000;
    /** How many dead letters one commit puts back. */
    private static final int REPLAYED_TOGETHER = 16;

    private final Store store;
    private final Catalogue catalogue;
    private final InstantSource clock;
    private final Leases leases;
    private final DeadLetters deadLetters;
    private final QueueActivity activity = new QueueActivity();
    private final Bells bells;
    private final Reserving reserving;
    private final QueueBrowser browser;

    public Queues(Store store, Catalogue catalogue, Alarms alarms, InstantSource clock) {
        this(store, catalogue, alarms, clock, new SecureRandom());
    }

    Queues(Store store, Catalogue catalogue, Alarms alarms, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.catalogue = catalogue;
        this.clock = clock;
        this.leases = new Leases(random);
        this.deadLetters = new DeadLetters(catalogue);
        this.bells = new Bells(store, catalogue, deadLetters, activity, alarms, clock);
        this.reserving = new Reserving(store, catalogue, deadLetters, leases, bells, alarms, clock);
        this.browser = new QueueBrowser(store, catalogue, clock);
    }

    /** Sets the alarms of jobs that were leased for the last time when the broker stopped. Called once, before anything else. */
    public void start() {
        store.read(view -> catalogue.list(view, "")).stream()
                .filter(resource -> resource.settings() instanceof Settings.Queue)
                .forEach(bells::start);
    }

    /** Adds jobs, all or none, and answers their numbers. */
    public List<Long> enqueue(ResourceName name, List<NewJob> jobs) {
        requireCount("jobs", jobs.size());
        long asked = clock.millis();
        jobs.forEach(job -> Times.visible(job.when(), asked));
        List<Long> numbers = write(name, (_, queue) -> {
            long now = clock.millis();
            return jobs.stream()
                    .map(job -> queue.add(
                                    StoredJob.newBuilder()
                                            .setPriority(job.priority())
                                            .setEnqueueMillis(now)
                                            .setVisibleMillis(Times.visible(job.when(), now)),
                                    StoredForms.of(job.content()))
                            .getId())
                    .toList();
        });
        activity.add(QueueActivity.Event.ENQUEUED, jobs.size());
        return numbers;
    }

    /**
     * Hands out jobs; waits for one if there is none. What is handed out to somebody who is gone comes back when its lease is over.
     *
     * @param max 1 to {@link #JOBS_MAX}; fewer come if they would have more than 3 MiB together, with all they carry
     * @param visibilityTimeout 1 ms to 12 h; empty for the queue's
     * @param wait up to 5 min
     * @return none if there was none in that time
     * @throws BrokerException {@code broker.cancelled} if patience was over before there was a job
     */
    public List<Delivery> reserve(
            ResourceName name, int max, Optional<Duration> visibilityTimeout, Duration wait, Patience patience) {
        requireCount("jobs_max", max);
        List<Delivery> reserved = reserving.reserve(new Reserving.Wish(name, max, visibilityTimeout), wait, patience);
        activity.add(QueueActivity.Event.RESERVED, reserved.size());
        return reserved;
    }

    /**
     * Says that a job is done. One whose answer was lost can be sent again, as long as the broker remembers it.
     *
     * @return whether it had been acked with this token before
     * @throws BrokerException {@code broker.lease_stale} if the token is not the current one, or has run out
     */
    public boolean ack(ResourceName name, LeaseToken token) {
        boolean repeated = free(name, (_, queue) -> {
            if (leases.wasAcked(queue.queue, token)) {
                return true;
            }
            queue.remove(Leases.require(queue, token, clock.millis()));
            return false;
        });
        leases.remember(token);
        activity.add(QueueActivity.Event.ACKED, repeated ? 0 : 1);
        return repeated;
    }

    /**
     * Gives a job back.
     *
     * @param delay 0 to 366 days, until it is visible again
     * @param reason for people; shortened to {@link #REASON_CHARACTERS_MAX}
     * @return the queue that took it, if that was its last attempt
     * @throws BrokerException as for {@link #ack}
     */
    public Optional<ResourceName> nack(ResourceName name, LeaseToken token, Duration delay, String reason) {
        long delayMillis = Times.delay(delay);
        String kept = reason.codePointCount(0, reason.length()) <= REASON_CHARACTERS_MAX
                ? reason
                : reason.substring(0, reason.offsetByCodePoints(0, REASON_CHARACTERS_MAX));
        Optional<ResourceName> went = bells.free(durability(name), (change, aftermath) -> {
            long now = clock.millis();
            QueueChange queue = new QueueChange(change, catalogue.require(change, name), aftermath);
            StoredJob job = Leases.require(queue, token, now);
            if (DeadLetters.isLast(queue, job, job.getAttempts())) {
                return deadLetters.giveUp(change, queue, job, kept, now, aftermath);
            }
            queue.replace(
                    job,
                    job.toBuilder()
                            .clearLease()
                            .clearLastLease()
                            .setReason(kept)
                            .setVisibleMillis(now + delayMillis)
                            .build());
            return Optional.empty();
        });
        activity.add(QueueActivity.Event.NACKED, 1);
        return went;
    }

    /**
     * Makes a lease end so long from now.
     *
     * @param visibilityTimeout 1 ms to 12 h; empty for the queue's
     * @return when it ends
     * @throws BrokerException as for {@link #ack}
     */
    public Instant extend(ResourceName name, LeaseToken token, Optional<Duration> visibilityTimeout) {
        visibilityTimeout.ifPresent(Times::visibilityTimeout);
        return free(name, (_, queue) -> {
            long now = clock.millis();
            StoredJob job = Leases.require(queue, token, now);
            long end = now
                    + Times.visibilityTimeout(
                            visibilityTimeout.orElse(queue.queue.queue().visibilityTimeout()));
            queue.replace(job, job.toBuilder().setVisibleMillis(end).build());
            return Instant.ofEpochMilli(end);
        });
    }

    /** What is in a queue, and how much. */
    public QueueBrowser browser() {
        return browser;
    }

    /** Removes every job, the leased ones too. */
    public void purge(ResourceName name) {
        free(name, (_, queue) -> {
            queue.purge();
            return true;
        });
    }

    /**
     * Puts dead letters back to where they came from, with no attempts made.
     *
     * @param jobs 1 to {@link #JOBS_MAX} numbers
     * @throws BrokerException if it is only one, and that stays
     */
    public Replayed replay(ResourceName name, List<Long> jobs) {
        requireCount("jobs", jobs.size());
        Replay replay = new Replay();
        for (int from = 0; from < jobs.size(); from += REPLAYED_TOGETHER) {
            putBack(name, jobs.subList(from, Math.min(jobs.size(), from + REPLAYED_TOGETHER)), replay);
        }
        if (jobs.size() == 1 && replay.first != null) {
            throw replay.first.exception();
        }
        return replay.result();
    }

    /** The same for all that are there when it starts. */
    public Replayed replayAll(ResourceName name) {
        Replay replay = new Replay();
        long last = browser.lastJob(name);
        List<Long> next = browser.jobsAfter(name, 0, last, REPLAYED_TOGETHER);
        while (!next.isEmpty()) {
            putBack(name, next, replay);
            next = browser.jobsAfter(name, next.getLast(), last, REPLAYED_TOGETHER);
        }
        return replay.result();
    }

    private void putBack(ResourceName name, List<Long> jobs, Replay replay) {
        List<Optional<Stays>> fates = bells.write(durability(name), (change, aftermath) -> {
            QueueChange queue = new QueueChange(change, catalogue.require(change, name), aftermath);
            long now = clock.millis();
            return jobs.stream()
                    .map(job -> deadLetters.putBack(change, queue, job, now, aftermath))
                    .toList();
        });
        fates.forEach(replay::count);
    }

    /** Removes what a queue holds: see {@code Catalogue.delete}. Nothing happens for a resource of another kind. */
    public void removeIn(Change change, Resource resource) {
        if (resource.settings() instanceof Settings.Queue) {
            QueueChange.drop(change, resource.id(), QueueView.state(change, resource.id()));
            change.delete(QueueView.QUEUES, QueueView.number(resource.id()));
            bells.forget(resource);
        }
    }

    /** What has been done. */
    public QueueActivity activity() {
        return activity;
    }

    /** Of how many queues something is kept in memory. */
    int remembered() {
        return bells.count();
    }

    /** How many callers wait for a job. */
    public int waiting() {
        return bells.waiting();
    }

    /** Who waits for a job is told that the broker stops. */
    @Override
    public void close() {
        bells.close();
    }

    private <R> R write(ResourceName name, BiFunction<Change, QueueChange, R> write) {
        return bells.write(durability(name), within(name, write));
    }

    /** See {@link Bells#free}. */
    private <R> R free(ResourceName name, BiFunction<Change, QueueChange, R> write) {
        return bells.free(durability(name), within(name, write));
    }

    private <R> BiFunction<Change, Aftermath, R> within(ResourceName name, BiFunction<Change, QueueChange, R> write) {
        return (change, aftermath) ->
                write.apply(change, new QueueChange(change, catalogue.require(change, name), aftermath));
    }

    private Durability durability(ResourceName name) {
        return store.read(view -> catalogue.require(view, name)).durability();
    }

    private static void requireCount(String what, int found) {
        if (found < 1 || found > JOBS_MAX) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.count_invalid",
                    what + ": " + Integer.toUnsignedString(found) + "; it can be 1 to " + JOBS_MAX);
        }
    }

    /** Counts. */
    private static final class Replay {
        private long replayed;
        private long left;
        private @Nullable Stays first;

        void count(Optional<Stays> stays) {
            if (stays.isEmpty()) {
                replayed++;
                return;
            }
            left++;
            if (first == null) {
                first = stays.get();
            }
        }

        Replayed result() {
            return new Replayed(replayed, left, first == null ? "" : first.message());
        }
    }
}
