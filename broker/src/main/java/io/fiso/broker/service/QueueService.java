// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.queue.JobCounts;
import io.fiso.broker.queue.JobPage;
import io.fiso.broker.queue.LeaseToken;
import io.fiso.broker.queue.PeekedJob;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.queue.Replayed;
import io.fiso.proto.broker.v1.AckJobRequest;
import io.fiso.proto.broker.v1.AckJobResponse;
import io.fiso.proto.broker.v1.CountJobsRequest;
import io.fiso.proto.broker.v1.CountJobsResponse;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.EnqueueJobsResponse;
import io.fiso.proto.broker.v1.ExtendLeaseRequest;
import io.fiso.proto.broker.v1.ExtendLeaseResponse;
import io.fiso.proto.broker.v1.GetJobRequest;
import io.fiso.proto.broker.v1.GetJobResponse;
import io.fiso.proto.broker.v1.ListJobsRequest;
import io.fiso.proto.broker.v1.ListJobsResponse;
import io.fiso.proto.broker.v1.NackJobRequest;
import io.fiso.proto.broker.v1.NackJobResponse;
import io.fiso.proto.broker.v1.PeekJobsRequest;
import io.fiso.proto.broker.v1.PeekJobsResponse;
import io.fiso.proto.broker.v1.PurgeJobsRequest;
import io.fiso.proto.broker.v1.PurgeJobsResponse;
import io.fiso.proto.broker.v1.QueuesGrpc;
import io.fiso.proto.broker.v1.ReplayJobsRequest;
import io.fiso.proto.broker.v1.ReplayJobsResponse;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Queues over gRPC. */
public final class QueueService extends QueuesGrpc.QueuesImplBase {
    private final Queues queues;
    private final InstantSource clock;

    public QueueService(Queues queues, InstantSource clock) {
        this.queues = queues;
        this.clock = clock;
    }

    @Override
    public void enqueueJobs(EnqueueJobsRequest request, StreamObserver<EnqueueJobsResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> EnqueueJobsResponse.newBuilder()
                        .addAllJobs(queues.enqueue(
                                queue(request.getQueue()),
                                request.getJobsList().stream()
                                        .map(WireJobs::job)
                                        .toList()))
                        .build());
    }

    /** On a thread of its own: it may wait for minutes, whatever threads the server has. The broker's close ends it. */
    @Override
    public void reserveJobs(ReserveJobsRequest request, StreamObserver<ReserveJobsResponse> observer) {
        Context context = Context.current();
        Thread.ofVirtual()
                .name("broker-reserve")
                .start(context.wrap(() -> GrpcErrors.answer(observer, () -> {
                    ReserveJobsResponse.Builder answer = ReserveJobsResponse.newBuilder();
                    queues.reserve(
                                    queue(request.getQueue()),
                                    orElse(request.getJobsMax(), 1),
                                    request.hasVisibilityTimeout()
                                            ? Optional.of(WireTimes.duration(request.getVisibilityTimeout()))
                                            : Optional.empty(),
                                    WireTimes.duration(request.getWait()),
                                    new ContextPatience(context))
                            .forEach(delivery -> answer.addJobs(WireJobs.of(delivery)));
                    return answer.build();
                })));
    }

    @Override
    public void ackJob(AckJobRequest request, StreamObserver<AckJobResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> AckJobResponse.newBuilder()
                        .setRepeatedAck(queues.ack(queue(request.getQueue()), LeaseToken.parse(request.getLease())))
                        .build());
    }

    @Override
    public void nackJob(NackJobRequest request, StreamObserver<NackJobResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> NackJobResponse.newBuilder()
                        .setDeadLetterQueue(queues.nack(
                                        queue(request.getQueue()),
                                        LeaseToken.parse(request.getLease()),
                                        WireTimes.duration(request.getDelay()),
                                        request.getReason())
                                .map(ResourceName::toString)
                                .orElse(""))
                        .build());
    }

    @Override
    public void extendLease(ExtendLeaseRequest request, StreamObserver<ExtendLeaseResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> ExtendLeaseResponse.newBuilder()
                        .setLeaseEndTime(WireTimes.of(queues.extend(
                                queue(request.getQueue()),
                                LeaseToken.parse(request.getLease()),
                                request.hasVisibilityTimeout()
                                        ? Optional.of(WireTimes.duration(request.getVisibilityTimeout()))
                                        : Optional.empty())))
                        .build());
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            JobPage page = queues.browser()
                    .list(
                            queue(request.getQueue()),
                            WireJobs.state(request.getState()),
                            orElse(request.getPageSize(), 100),
                            Optional.of(request.getPageToken()).filter(token -> !token.isEmpty()));
            ListJobsResponse.Builder answer = ListJobsResponse.newBuilder();
            page.jobs().forEach(job -> answer.addJobs(WireJobs.of(job)));
            return answer.setNextPageToken(page.next().orElse("")).build();
        });
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            PeekedJob found = queues.browser().get(queue(request.getQueue()), request.getJob());
            return GetJobResponse.newBuilder()
                    .setJob(WireJobs.of(found.job()))
                    .setContent(WireJobs.of(found.content()))
                    .build();
        });
    }

    @Override
    public void peekJobs(PeekJobsRequest request, StreamObserver<PeekJobsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            PeekJobsResponse.Builder answer = PeekJobsResponse.newBuilder();
            queues.browser()
                    .peek(queue(request.getQueue()), orElse(request.getJobsMax(), 1))
                    .forEach(found -> answer.addJobs(io.fiso.proto.broker.v1.PeekedJob.newBuilder()
                            .setJob(WireJobs.of(found.job()))
                            .setContent(WireJobs.of(found.content()))));
            return answer.build();
        });
    }

    @Override
    public void countJobs(CountJobsRequest request, StreamObserver<CountJobsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            JobCounts counts = queues.browser().count(queue(request.getQueue()));
            CountJobsResponse.Builder answer = CountJobsResponse.newBuilder()
                    .setReady(counts.ready())
                    .setDelayed(counts.delayed())
                    .setLeased(counts.leased());
            counts.oldest()
                    .ifPresent(oldest -> answer.setOldestEnqueueTime(WireTimes.of(oldest))
                            .setOldestAge(WireTimes.of(Duration.between(oldest, clock.instant()))));
            counts.oldestReady().ifPresent(oldest -> answer.setOldestReadyTime(WireTimes.of(oldest)));
            return answer.build();
        });
    }

    @Override
    public void replayJobs(ReplayJobsRequest request, StreamObserver<ReplayJobsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            if (request.getAll() && request.getJobsCount() > 0) {
                throw new BrokerException(
                        Kind.INVALID, "broker.replay_invalid", "asks for all and for some; leave one of them out");
            }
            ResourceName queue = queue(request.getQueue());
            Replayed replayed =
                    request.getAll() ? queues.replayAll(queue) : queues.replay(queue, request.getJobsList());
            return ReplayJobsResponse.newBuilder()
                    .setReplayed(replayed.replayed())
                    .setLeft(replayed.left())
                    .setLeftReason(replayed.reason())
                    .build();
        });
    }

    @Override
    public void purgeJobs(PurgeJobsRequest request, StreamObserver<PurgeJobsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            queues.purge(queue(request.getQueue()));
            return PurgeJobsResponse.getDefaultInstance();
        });
    }

    private static ResourceName queue(String name) {
        return ResourceName.parse(name, ResourceKind.QUEUE);
    }

    private static int orElse(int asked, int otherwise) {
        return asked == 0 ? otherwise : asked;
    }
}
