// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import com.google.protobuf.Duration;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.proto.broker.v1.AckJobRequest;
import io.fiso.proto.broker.v1.CountJobsRequest;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.ExtendLeaseRequest;
import io.fiso.proto.broker.v1.NackJobRequest;
import io.fiso.proto.broker.v1.QueuesGrpc.QueuesBlockingStub;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The calls about jobs. Those about many are made several at once, since each is about one; the broker writes them together. */
final class JobCalls {
    /** So a stop waits no longer for an answer without jobs. */
    private static final int WAIT_SECONDS = 2;

    private static final int REQUEST_TIMEOUT_SECONDS = 10;
    private static final int RELEASE_TIMEOUT_SECONDS = 1;
    private static final int AT_ONCE = 64;

    private final BrokerLink link;
    private final java.time.Duration lease;

    JobCalls(BrokerLink link, java.time.Duration lease) {
        this.link = link;
        this.lease = lease;
    }

    /** Up to so many jobs; waits a moment for the first. */
    List<DeliveredJob> reserve(int count) throws IOException, InterruptedException {
        return call(
                        WAIT_SECONDS + REQUEST_TIMEOUT_SECONDS,
                        queues -> queues.reserveJobs(ReserveJobsRequest.newBuilder()
                                .setQueue(queue())
                                .setJobsMax(count)
                                .setVisibilityTimeout(leaseTime())
                                .setWait(Duration.newBuilder().setSeconds(WAIT_SECONDS))
                                .build()))
                .getJobsList();
    }

    /** How many can be handed out now. */
    long ready() throws IOException, InterruptedException {
        return call(
                        REQUEST_TIMEOUT_SECONDS,
                        queues -> queues.countJobs(
                                CountJobsRequest.newBuilder().setQueue(queue()).build()))
                .getReady();
    }

    /** Says that these are done; marks those whose lease was over. Throws the first failure of those that could not be said, when all were tried. */
    void ack(Collection<HeldJob> jobs, Collection<HeldJob> done) throws IOException, InterruptedException {
        each(
                jobs,
                done,
                job -> call(
                        REQUEST_TIMEOUT_SECONDS,
                        queues -> queues.ackJob(AckJobRequest.newBuilder()
                                .setQueue(queue())
                                .setLease(job.lease())
                                .build())));
    }

    /** Keeps these; marks those whose lease was over. Throws as {@link #ack} does. */
    void extend(Collection<HeldJob> jobs) throws IOException, InterruptedException {
        long end = System.nanoTime() + lease.toNanos();
        each(jobs, new ArrayList<>(), job -> {
            call(
                    REQUEST_TIMEOUT_SECONDS,
                    queues -> queues.extendLease(ExtendLeaseRequest.newBuilder()
                            .setQueue(queue())
                            .setLease(job.lease())
                            .setVisibilityTimeout(leaseTime())
                            .build()));
            job.extended(end);
            return job;
        });
    }

    /** Gives these to others. Throws as {@link #ack} does. */
    void release(Collection<HeldJob> jobs) throws IOException, InterruptedException {
        each(
                jobs,
                new ArrayList<>(),
                job -> call(
                        RELEASE_TIMEOUT_SECONDS,
                        queues -> queues.nackJob(NackJobRequest.newBuilder()
                                .setQueue(queue())
                                .setLease(job.lease())
                                .setReason("the source stopped before it was settled")
                                .build())));
    }

    @FunctionalInterface
    private interface Call<A> {
        A make(HeldJob job) throws IOException, InterruptedException;
    }

    private <A> void each(Collection<HeldJob> jobs, Collection<HeldJob> done, Call<A> call)
            throws IOException, InterruptedException {
        List<HeldJob> all = List.copyOf(jobs);
        int share = Math.ceilDiv(all.size(), AT_ONCE);
        List<Future<List<HeldJob>>> shares = new ArrayList<>();
        Queue<Exception> failures = new ConcurrentLinkedQueue<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int from = 0; from < all.size(); from += share) {
                List<HeldJob> some = all.subList(from, Math.min(all.size(), from + share));
                shares.add(threads.submit(() -> some(some, call, failures)));
            }
            for (Future<List<HeldJob>> answered : shares) {
                done.addAll(answered.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        switch (failures.peek()) {
            case null -> {}
            case BrokerFailure failure -> throw failure;
            case IOException failure -> throw failure;
            case Exception failure -> throw new IllegalStateException(failure);
        }
    }

    /** One after the other, until one cannot be made. */
    private static <A> List<HeldJob> some(List<HeldJob> jobs, Call<A> call, Queue<Exception> failures)
            throws InterruptedException {
        List<HeldJob> done = new ArrayList<>();
        for (HeldJob job : jobs) {
            try {
                call.make(job);
            } catch (BrokerFailure e) {
                if (!e.code().equals("broker.lease_stale")) {
                    failures.add(e);
                    return done;
                }
                job.lose();
            } catch (IOException e) {
                failures.add(e);
                return done;
            }
            done.add(job);
        }
        return done;
    }

    private <A> A call(int timeoutSeconds, Function<QueuesBlockingStub, A> call)
            throws IOException, InterruptedException {
        return link.call(broker -> call.apply(broker.queues().withDeadlineAfter(timeoutSeconds, TimeUnit.SECONDS)));
    }

    private String queue() {
        return link.target().name();
    }

    private Duration leaseTime() {
        return Duration.newBuilder()
                .setSeconds(lease.getSeconds())
                .setNanos(lease.getNano())
                .build();
    }
}
