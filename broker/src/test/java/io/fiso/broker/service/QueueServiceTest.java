// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.fiso.broker.alarm.ClockAlarms;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.store.PatientStore;
import io.fiso.broker.store.Store;
import io.fiso.proto.broker.v1.AckJobRequest;
import io.fiso.proto.broker.v1.CountJobsRequest;
import io.fiso.proto.broker.v1.CountJobsResponse;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.ExtendLeaseRequest;
import io.fiso.proto.broker.v1.GetJobRequest;
import io.fiso.proto.broker.v1.Job;
import io.fiso.proto.broker.v1.JobHeader;
import io.fiso.proto.broker.v1.JobState;
import io.fiso.proto.broker.v1.ListJobsRequest;
import io.fiso.proto.broker.v1.NackJobRequest;
import io.fiso.proto.broker.v1.NewJob;
import io.fiso.proto.broker.v1.PeekJobsRequest;
import io.fiso.proto.broker.v1.PurgeJobsRequest;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.QueuesGrpc;
import io.fiso.proto.broker.v1.ReplayJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsResponse;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Through a real connection. */
@Timeout(300)
class QueueServiceTest {
    private static final String MAILS = "default/shop/queues/mails";
    private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

    @TempDir
    Path directory;

    private final InstantSource clock = InstantSource.system();
    private Store store;
    private ClockAlarms alarms;
    private Queues queues;
    private Server server;
    private ManagedChannel channel;
    private QueuesGrpc.QueuesBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        store = PatientStore.open(directory);
        Catalogue catalogue = new Catalogue(store, clock);
        alarms = new ClockAlarms(clock);
        queues = new Queues(store, catalogue, alarms, clock);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .addService(new ResourceService(store, catalogue, queues::removeIn))
                .addService(new QueueService(queues, clock))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .usePlaintext()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
        stub = QueuesGrpc.newBlockingStub(channel);
        ResourcesGrpc.newBlockingStub(channel)
                .createResource(CreateResourceRequest.newBuilder()
                        .setResource(Resource.newBuilder()
                                .setName(MAILS)
                                .setQueue(QueueSettings.newBuilder().setAttemptsMax(2)))
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        queues.close();
        server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        alarms.close();
        store.close();
    }

    @Test
    void aJobGoesFromEnqueueToAck() {
        long id = stub.enqueueJobs(EnqueueJobsRequest.newBuilder()
                        .setQueue(MAILS)
                        .addJobs(NewJob.newBuilder()
                                .setPayload(bytes("a"))
                                .setKey(bytes("k"))
                                .setPriority(9)
                                .addHeaders(JobHeader.newBuilder().setName("h").setValue(bytes("v"))))
                        .build())
                .getJobs(0);

        DeliveredJob delivered = reserve().getJobs(0);

        assertThat(delivered.getJob().getId()).isEqualTo(id);
        assertThat(delivered.getJob().getState()).isEqualTo(JobState.JOB_STATE_LEASED);
        assertThat(delivered.getContent().getPayload()).isEqualTo(bytes("a"));
        assertThat(delivered.getContent().getKey()).isEqualTo(bytes("k"));
        assertThat(delivered.getContent().getHeaders(0).getValue()).isEqualTo(bytes("v"));
        assertThat(stub.extendLease(ExtendLeaseRequest.newBuilder()
                                .setQueue(MAILS)
                                .setLease(delivered.getLease())
                                .setVisibilityTimeout(Duration.newBuilder().setSeconds(100))
                                .build())
                        .getLeaseEndTime()
                        .getSeconds())
                .isGreaterThan(delivered.getJob().getVisibleTime().getSeconds());
        AckJobRequest ack = AckJobRequest.newBuilder()
                .setQueue(MAILS)
                .setLease(delivered.getLease())
                .build();
        assertThat(stub.ackJob(ack).getRepeatedAck()).isFalse();
        assertThat(stub.ackJob(ack).getRepeatedAck()).isTrue();
        assertThat(reserve().getJobsCount()).isZero();
    }

    @Test
    void aJobThatFailsTwiceIsADeadLetterAndGoesBack() {
        enqueue("a");
        assertThat(nack(reserve().getJobs(0))).isEmpty();
        assertThat(nack(reserve().getJobs(0))).isEqualTo(MAILS + ".dlq");

        Job letter = stub.listJobs(
                        ListJobsRequest.newBuilder().setQueue(MAILS + ".dlq").build())
                .getJobs(0);

        assertThat(letter.getOrigin().getQueue()).isEqualTo(MAILS);
        assertThat(letter.getOrigin().getAttempts()).isEqualTo(2);
        assertThat(letter.getOrigin().getReason()).isEqualTo("down");
        assertThat(stub.replayJobs(ReplayJobsRequest.newBuilder()
                                .setQueue(MAILS + ".dlq")
                                .setAll(true)
                                .build())
                        .getReplayed())
                .isEqualTo(1);
        assertThat(stub.peekJobs(PeekJobsRequest.newBuilder().setQueue(MAILS).build())
                        .getJobs(0)
                        .getContent()
                        .getPayload())
                .isEqualTo(bytes("a"));
        assertThat(stub.countJobs(CountJobsRequest.newBuilder().setQueue(MAILS).build())
                        .getReady())
                .isEqualTo(1);
        stub.purgeJobs(PurgeJobsRequest.newBuilder().setQueue(MAILS).build());
        assertThat(stub.countJobs(CountJobsRequest.newBuilder().setQueue(MAILS).build()))
                .isEqualTo(CountJobsResponse.getDefaultInstance());
    }

    @Test
    void whoWaitsIsWokenByAJobAndByTheEndOfALease() throws Exception {
        Future<ReserveJobsResponse> waiting = poll();
        enqueue("a");
        assertThat(waiting.get(60, TimeUnit.SECONDS).getJobsCount()).isEqualTo(1);

        // Its lease of 200 ms ends with nobody's doing.
        DeliveredJob again = poll().get(60, TimeUnit.SECONDS).getJobs(0);

        assertThat(again.getJob().getAttempts()).isEqualTo(2);
    }

    private Future<ReserveJobsResponse> poll() {
        return QueuesGrpc.newFutureStub(channel)
                .reserveJobs(ReserveJobsRequest.newBuilder()
                        .setQueue(MAILS)
                        .setVisibilityTimeout(Duration.newBuilder().setNanos(200_000_000))
                        .setWait(Duration.newBuilder().setSeconds(60))
                        .build());
    }

    @Test
    void aCallThatIsCancelledWhileItWaitsTakesNoJob() throws Exception {
        Future<ReserveJobsResponse> gone = poll();
        awaitWaiting(1);
        gone.cancel(true);
        awaitWaiting(0);

        enqueue("a");

        assertThat(reserve().getJobs(0).getJob().getAttempts()).isEqualTo(1);
    }

    private void awaitWaiting(int wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (queues.waiting() != wanted) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void answersBadInputWithCodes() {
        enqueue("a");
        assertError(
                Status.Code.NOT_FOUND,
                "broker.resource_not_found",
                () -> stub.enqueueJobs(request("default/shop/queues/none")));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.kind_wrong",
                () -> stub.enqueueJobs(request("default/shop/streams/mails")));
        assertError(Status.Code.INVALID_ARGUMENT, "broker.name_invalid", () -> stub.enqueueJobs(request("../x")));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.payload_too_large",
                () -> stub.enqueueJobs(
                        one(NewJob.newBuilder().setPayload(ByteString.copyFrom(new byte[4 * 1024 * 1024 + 1])))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.priority_invalid",
                () -> stub.enqueueJobs(one(NewJob.newBuilder().setPriority(-1))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.delay_invalid",
                () -> stub.enqueueJobs(
                        one(NewJob.newBuilder().setDelay(Duration.newBuilder().setSeconds(-1)))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.time_invalid",
                () -> stub.enqueueJobs(one(NewJob.newBuilder()
                        .setDelay(
                                Duration.newBuilder().setSeconds(Long.MAX_VALUE).setNanos(Integer.MAX_VALUE)))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.lease_invalid",
                () -> stub.ackJob(
                        AckJobRequest.newBuilder().setQueue(MAILS).setLease("x").build()));
        assertError(
                Status.Code.FAILED_PRECONDITION,
                "broker.lease_stale",
                () -> stub.ackJob(AckJobRequest.newBuilder()
                        .setQueue(MAILS)
                        .setLease("A".repeat(48))
                        .build()));
        assertError(
                Status.Code.NOT_FOUND,
                "broker.job_not_found",
                () -> stub.getJob(
                        GetJobRequest.newBuilder().setQueue(MAILS).setJob(-1).build()));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.state_unknown",
                () -> stub.listJobs(ListJobsRequest.newBuilder()
                        .setQueue(MAILS)
                        .setStateValue(77)
                        .build()));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.replay_invalid",
                () -> stub.replayJobs(ReplayJobsRequest.newBuilder()
                        .setQueue(MAILS)
                        .setAll(true)
                        .addJobs(1)
                        .build()));
        assertThat(stub.countJobs(CountJobsRequest.newBuilder().setQueue(MAILS).build())
                        .getReady())
                .isEqualTo(1);
        ResourcesGrpc.newBlockingStub(channel)
                .deleteResource(
                        DeleteResourceRequest.newBuilder().setName(MAILS).build());
        assertError(Status.Code.NOT_FOUND, "broker.resource_not_found", this::reserve);
    }

    private static void assertError(Status.Code status, String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(status);
            assertThat(e.getTrailers().get(GrpcErrors.CODE)).isEqualTo(code);
        });
    }

    private ReserveJobsResponse reserve() {
        return stub.reserveJobs(ReserveJobsRequest.newBuilder().setQueue(MAILS).build());
    }

    private String nack(DeliveredJob job) {
        return stub.nackJob(NackJobRequest.newBuilder()
                        .setQueue(MAILS)
                        .setLease(job.getLease())
                        .setReason("down")
                        .build())
                .getDeadLetterQueue();
    }

    private void enqueue(String payload) {
        stub.enqueueJobs(one(NewJob.newBuilder().setPayload(bytes(payload))));
    }

    private static EnqueueJobsRequest one(NewJob.Builder job) {
        return EnqueueJobsRequest.newBuilder().setQueue(MAILS).addJobs(job).build();
    }

    private static EnqueueJobsRequest request(String queue) {
        return EnqueueJobsRequest.newBuilder()
                .setQueue(queue)
                .addJobs(NewJob.getDefaultInstance())
                .build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
