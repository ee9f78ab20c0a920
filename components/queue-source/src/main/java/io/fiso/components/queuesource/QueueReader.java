// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.broker.client.BrokerFailure;
import io.fiso.brokeraccess.Attempts;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.brokeraccess.Pace;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.message.EventReader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The source's one loop: asks for jobs, emits them, keeps their leases, acks what is settled. All of this replica's jobs are one partition, numbered as they
 * come. A job is acked when everything before it is settled too; one whose lease was lost is left to whom it comes next.
 */
final class QueueReader {
    private static final int RESERVE_MAX = 1_000;
    private static final Duration IDLE_WAIT = Duration.ofMillis(50);
    private static final Duration FULL_WAIT = Duration.ofMillis(10);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final Duration LAST_ACK_LIMIT = Duration.ofSeconds(10);

    private final BrokerLink link;
    private final QueueSourceConfig config;
    private final SourceContext context;
    private final JobCalls calls;
    private final LedgerFile ledger;
    private final String partition;
    private final Deque<HeldJob> waiting = new ArrayDeque<>();
    private final Deque<HeldJob> emitted = new ArrayDeque<>();
    private final List<HeldJob> settled = new ArrayList<>();
    private final BlockingQueue<Reservation> reservations = new LinkedBlockingQueue<>();
    private final Pace acks = new Pace(Duration.ofMillis(100));
    private final Pace leases = new Pace(Duration.ofMillis(250));
    private final Pace looks = new Pace(Duration.ofSeconds(10));
    private final Attempts attempts;
    private volatile @Nullable JobEvents events;
    private SettledPosition position = new SettledPosition(0, "");
    private SettledPosition committed = position;
    private boolean asking;
    private long next;

    QueueReader(BrokerLink link, QueueSourceConfig config, SourceContext context) {
        this.link = link;
        this.config = config;
        this.context = context;
        this.attempts = new Attempts(context, () -> {}, this::refused);
        this.calls = new JobCalls(link, config.lease());
        this.ledger = new LedgerFile(context.stateDirectory());
        this.partition = Integer.toString(context.replica());
    }

    SourceEvent restore(OriginalRecord original) {
        JobEvents known = events;
        if (known == null) {
            throw new IllegalStateException("no broker has answered yet");
        }
        return known.restored(original, partition);
    }

    /** Takes jobs until the context is stopping, then waits until what was emitted is settled. What is not, or was not emitted, is given to others. */
    void run() throws IOException, InterruptedException {
        position = ledger.read();
        committed = position;
        next = position.next();
        context.resumed(partition, position.ledger());
        try {
            while (!context.stopping()) {
                emitWaiting();
                collectSettled();
                boolean done = attempts.attempt(this::round);
                if (!waiting.isEmpty() || !done || full()) {
                    receive(Duration.ZERO);
                    context.await(FULL_WAIT);
                } else {
                    receive(IDLE_WAIT);
                }
            }
            settleEverything();
        } finally {
            releaseAll();
        }
    }

    private void settleEverything() throws IOException, InterruptedException {
        release(awaitReservation());
        long start = System.nanoTime();
        while (!emitted.isEmpty() && System.nanoTime() - start < DRAIN_LIMIT.toNanos()) {
            context.await(FULL_WAIT);
            collectSettled();
            attempts.attempt(this::keepAndAck);
        }
        start = System.nanoTime();
        while (!settled.isEmpty() && System.nanoTime() - start < LAST_ACK_LIMIT.toNanos()) {
            acks.now();
            if (!attempts.attempt(this::keepAndAck)) {
                context.await(FULL_WAIT);
            }
        }
        if (!settled.isEmpty()) {
            context.logger()
                    .log(Level.WARNING, "{0} settled jobs could not be acked; they will come again", settled.size());
        }
    }

    /** Those that were not emitted, once it is known which they are. */
    private List<HeldJob> awaitReservation() throws InterruptedException {
        if (asking) {
            receive(Duration.ofMinutes(1));
        }
        List<HeldJob> left = List.copyOf(waiting);
        waiting.clear();
        return left;
    }

    private void releaseAll() {
        // A thread that was interrupted could not call any more.
        boolean interrupted = Thread.interrupted();
        List<HeldJob> left = new ArrayList<>(waiting);
        left.addAll(emitted);
        waiting.clear();
        emitted.clear();
        try {
            release(left);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void release(List<HeldJob> jobs) throws InterruptedException {
        try {
            calls.release(jobs.stream().filter(job -> !job.lost()).toList());
        } catch (BrokerFailure | IOException e) {
            context.logger()
                    .log(Level.WARNING, "Jobs could not be given back; others get them when their leases end", e);
        }
    }

    // ---- one round
    // ---------------------------------------------------------------------------------------------------------

    private void refused(BrokerFailure failure) {
        if (failure.code().equals("broker.resource_not_found")) {
            attempts.pause(link.target() + " does not exist; its jobs are taken when it is made");
            return;
        }
        if (!failure.isTransient()) {
            throw new IllegalStateException(
                    "the broker refuses to hand out jobs of " + link.target() + ": " + failure.getMessage() + " ("
                            + failure.code() + ")",
                    failure);
        }
        attempts.pause(String.valueOf(failure.getMessage()));
    }

    private void round() throws IOException, InterruptedException {
        Resource queue = link.resource().resource();
        JobEvents known = events;
        if (known == null || !known.of(queue)) {
            events = new JobEvents(new EventReader("fiso-flow/" + context.pipeline(), config.eventType()), queue);
        }
        keepAndAck();
        ask();
        attempts.satisfied();
        if (context.replica() == 0 && looks.due()) {
            context.lag(partition, calls.ready() + waiting.size());
        }
    }

    private void keepAndAck() throws IOException, InterruptedException {
        if (leases.due()) {
            keepLeases();
        }
        if (acks.due()) {
            ackSettled();
        }
    }

    private void emitWaiting() throws InterruptedException {
        JobEvents known = events;
        while (known != null && !waiting.isEmpty() && context.ready(partition)) {
            HeldJob job = waiting.remove();
            // It may be with somebody else by now.
            if (job.lost() || job.leftNanos() <= 0) {
                loseOne(job);
                continue;
            }
            context.emit(known.event(job, partition));
            emitted.add(job);
        }
    }

    private void loseOne(HeldJob job) {
        context.logger()
                .log(
                        Level.WARNING,
                        "The lease of job {0} of {1} is over; it comes again",
                        job.delivered().getJob().getId(),
                        link.target());
    }

    // ---- what comes in
    // ---------------------------------------------------------------------------------------------------

    private boolean full() {
        return room() * 4 < config.prefetch();
    }

    private int room() {
        return config.prefetch() - waiting.size() - emitted.size() - settled.size();
    }

    private void ask() {
        int room = Math.min(room(), RESERVE_MAX);
        if (asking || room < 1 || full()) {
            return;
        }
        asking = true;
        Thread.ofVirtual().name("fiso-reserve").start(() -> reservations.add(reserve(room)));
    }

    private Reservation reserve(int room) {
        long askedAt = System.nanoTime();
        try {
            return new Reservation(calls.reserve(room), askedAt, null);
        } catch (InterruptedException | IOException | RuntimeException e) {
            return new Reservation(List.of(), askedAt, e);
        }
    }

    private void receive(Duration wait) throws InterruptedException {
        Reservation answer = reservations.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (answer == null) {
            return;
        }
        asking = false;
        switch (answer.failure()) {
            case null -> {
                for (DeliveredJob job : answer.jobs()) {
                    waiting.add(new HeldJob(
                            job, next++, answer.askedAtNanos() + config.lease().toNanos()));
                }
            }
            case BrokerFailure e -> attempts.failed(e);
            case IOException e -> attempts.failed(e);
            case Exception e -> throw new IllegalStateException(e);
        }
    }

    // ---- leases and acks
    // -------------------------------------------------------------------------------------------------

    private void keepLeases() throws IOException, InterruptedException {
        long soon = config.lease().toNanos() * 2 / 3;
        List<HeldJob> ending = new ArrayList<>();
        List.<Collection<HeldJob>>of(waiting, emitted, settled)
                .forEach(jobs -> jobs.stream()
                        .filter(job -> !job.lost() && job.leftNanos() < soon)
                        .forEach(ending::add));
        if (ending.isEmpty()) {
            return;
        }
        try {
            calls.extend(ending);
        } finally {
            ending.stream().filter(HeldJob::lost).forEach(this::loseOne);
            waiting.removeIf(HeldJob::lost);
        }
    }

    private void collectSettled() {
        Map<String, SettledPosition> moved = context.settled();
        SettledPosition to = moved.get(partition);
        if (to == null) {
            return;
        }
        position = to;
        while (!emitted.isEmpty() && emitted.peek().position() < to.next()) {
            HeldJob job = emitted.remove();
            if (!job.lost()) {
                settled.add(job);
            }
        }
    }

    private void ackSettled() throws IOException, InterruptedException {
        if (position.next() == committed.next()) {
            return;
        }
        try {
            ledger.write(position);
        } catch (IOException e) {
            throw new IllegalStateException("the totals cannot be kept: " + e, e);
        }
        List<HeldJob> done = new ArrayList<>();
        SettledPosition acked = position;
        try {
            calls.ack(settled, done);
        } finally {
            done.stream().filter(HeldJob::lost).forEach(this::loseOne);
            settled.removeAll(Set.copyOf(done));
        }
        committed = acked;
        context.committed(Map.of(partition, acked));
    }
}
