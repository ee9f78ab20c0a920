// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.fiso.broker.access.Caller;
import io.fiso.broker.access.Grant;
import io.fiso.broker.access.Permission;
import io.fiso.broker.stream.StreamFixture;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.AppendResponse;
import io.fiso.proto.broker.v1.CommitOffsetsRequest;
import io.fiso.proto.broker.v1.DeleteGroupRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.GroupMember;
import io.fiso.proto.broker.v1.GroupProgress;
import io.fiso.proto.broker.v1.HeartbeatGroupRequest;
import io.fiso.proto.broker.v1.JoinGroupRequest;
import io.fiso.proto.broker.v1.JoinGroupResponse;
import io.fiso.proto.broker.v1.LeaveGroupRequest;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.PartitionOffset;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.ResetOffsetsRequest;
import io.fiso.proto.broker.v1.StreamPosition;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.proto.broker.v1.StreamsGrpc;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.SubscriptionCredit;
import io.fiso.proto.broker.v1.SubscriptionHeartbeat;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract, over a real connection. */
@Timeout(300)
class StreamServiceTest {
    private static final String ORDERS = StreamFixture.ORDERS.toString();
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    Path directory;

    private volatile Caller caller = Caller.unbounded("owner");
    private StreamFixture fixture;
    private Server server;
    private ManagedChannel channel;
    private StreamsGrpc.StreamsBlockingStub client;

    @BeforeEach
    void open() throws Exception {
        fixture = new StreamFixture(directory).create(2);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .maxInboundMessageSize(StreamService.REQUEST_BYTES_MAX)
                .addService(new StreamService(fixture.streams()))
                .intercept(new AsCaller())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .maxInboundMessageSize(StreamService.REQUEST_BYTES_MAX)
                .usePlaintext()
                .build();
        client = StreamsGrpc.newBlockingStub(channel);
    }

    /** In the place of authentication. */
    private final class AsCaller implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return Contexts.interceptCall(Context.current().withValue(Caller.KEY, caller), call, headers, next);
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        fixture.close();
    }

    @Test
    void whatIsAppendedIsRead() {
        NewRecord record = NewRecord.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .addHeaders(RecordHeader.newBuilder().setName("h").setValue(ByteString.copyFromUtf8("v")))
                .setTimestampMillis(77)
                .setPayload(ByteString.copyFromUtf8("one"))
                .build();
        AppendResponse appended = client.append(AppendRequest.newBuilder()
                .setStream(ORDERS)
                .setPartition(1)
                .addRecords(record)
                .addRecords(NewRecord.newBuilder().setPayload(ByteString.copyFromUtf8("two")))
                .build());
        assertThat(appended.getAppendedList()).singleElement().satisfies(at -> {
            assertThat(at.getPartition()).isEqualTo(1);
            assertThat(at.getFirstOffset()).isZero();
            assertThat(at.getRecords()).isEqualTo(2);
        });

        ReadResponse read = client.read(
                ReadRequest.newBuilder().setStream(ORDERS).setPartition(1).build());

        assertThat(read.getRecords(0))
                .isEqualTo(StreamRecord.newBuilder()
                        .setOffset(0)
                        .setTimestampMillis(77)
                        .setKey(record.getKey())
                        .addAllHeaders(record.getHeadersList())
                        .setPayload(record.getPayload())
                        .build());
        assertThat(read.getRecords(1).hasKey()).isFalse();
        assertThat(read.getNextOffset()).isEqualTo(2);
        assertThat(read(ReadRequest.newBuilder().setOffset(1))).containsExactly("two");
        assertThat(read(ReadRequest.newBuilder().setLast(1))).containsExactly("two");
        assertThat(read(ReadRequest.newBuilder().setTimestampMillis(78))).containsExactly("two");
        assertThat(read(ReadRequest.newBuilder().setPosition(StreamPosition.STREAM_POSITION_LATEST)))
                .isEmpty();
        assertThat(read(ReadRequest.newBuilder().setRecordsMax(1))).containsExactly("one");
    }

    @Test
    void badInputIsAnErrorWithACode() {
        append(0, "a");
        refused(
                Status.Code.NOT_FOUND,
                "broker.resource_not_found",
                () -> client.append(AppendRequest.newBuilder()
                        .setStream("default/shop/streams/none")
                        .addRecords(payload("a"))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.kind_wrong",
                () -> client.append(AppendRequest.newBuilder()
                        .setStream("default/shop/queues/q")
                        .addRecords(payload("a"))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.name_invalid",
                () -> client.append(AppendRequest.newBuilder()
                        .setStream("../../etc")
                        .addRecords(payload("a"))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.batch_empty",
                () -> client.append(AppendRequest.newBuilder().setStream(ORDERS).build()));
        refused(Status.Code.INVALID_ARGUMENT, "broker.partition_invalid", () -> append(2, "a"));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.payload_too_large",
                () -> client.append(AppendRequest.newBuilder()
                        .setStream(ORDERS)
                        .addRecords(
                                NewRecord.newBuilder().setPayload(ByteString.copyFrom(new byte[4 * 1024 * 1024 + 1])))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.offset_invalid",
                () -> client.read(
                        ReadRequest.newBuilder().setStream(ORDERS).setOffset(-5).build()));
        refused(
                Status.Code.OUT_OF_RANGE,
                "broker.offset_past_end",
                () -> client.read(
                        ReadRequest.newBuilder().setStream(ORDERS).setOffset(5).build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.records_max_invalid",
                () -> client.read(ReadRequest.newBuilder()
                        .setStream(ORDERS)
                        .setRecordsMax(-1)
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "broker.position_invalid",
                () -> client.read(ReadRequest.newBuilder()
                        .setStream(ORDERS)
                        .setPositionValue(9)
                        .build()));
        assertThat(client.describeStream(DescribeStreamRequest.newBuilder()
                                .setStream(ORDERS)
                                .build())
                        .getPartitions(0)
                        .getRecords())
                .isEqualTo(1);
    }

    @Test
    void theLargestRecordPasses() {
        ByteString largest = ByteString.copyFrom(new byte[4 * 1024 * 1024]);
        client.append(AppendRequest.newBuilder()
                .setStream(ORDERS)
                .setPartition(0)
                .addRecords(NewRecord.newBuilder().setPayload(largest))
                .build());
        assertThat(client.read(ReadRequest.newBuilder().setStream(ORDERS).build())
                        .getRecords(0)
                        .getPayload())
                .isEqualTo(largest);
    }

    @Test
    void aSubscriptionIsPushedWhatItHasCreditFor() throws InterruptedException {
        append(0, "a", "b");
        Call call = new Call();
        call.open(OpenSubscription.newBuilder().setStream(ORDERS));
        assertThat(call.next().getOpened().getPartitionsCount()).isEqualTo(2);

        call.credit(1, 1_000);
        assertThat(payloads(call.next())).containsExactly("a");
        call.credit(3, 1_000);
        assertThat(payloads(call.next())).containsExactly("b");
        append(1, "x");
        SubscribeResponse pushed = call.next();
        assertThat(payloads(pushed)).containsExactly("x");
        assertThat(pushed.getBatch().getPartition()).isEqualTo(1);
        assertThat(pushed.getBatch().getBytes()).isPositive();
        assertThat(pushed.getBatch().getEndOffset()).isEqualTo(1);

        call.requests.onCompleted();
        assertThat(call.end()).isEqualTo("OK");
    }

    @Test
    void aSubscriberThatGoesLeavesNothingBehind() throws InterruptedException {
        Call halfClosed = new Call();
        halfClosed.open(OpenSubscription.newBuilder().setStream(ORDERS));
        halfClosed.next();
        Call cancelled = new Call();
        cancelled.open(OpenSubscription.newBuilder().setStream(ORDERS));
        cancelled.next();
        assertThat(fixture.streams().subscriptions()).isEqualTo(2);

        halfClosed.requests.onCompleted();
        ((ClientCallStreamObserver<SubscribeRequest>) cancelled.requests).cancel("enough", null);

        assertThat(halfClosed.end()).isEqualTo("OK");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (fixture.streams().subscriptions() > 0) {
            assertThat(System.nanoTime()).as("a subscription stays").isLessThan(deadline);
            Thread.sleep(1);
        }
        append(0, "a");
    }

    @Test
    void aSubscriptionEndsWithAnErrorThatSaysWhy() throws InterruptedException {
        Call removed = new Call();
        removed.open(OpenSubscription.newBuilder().setStream(ORDERS));
        removed.next();
        Call wrongCredit = new Call();
        wrongCredit.open(OpenSubscription.newBuilder().setStream(ORDERS));
        wrongCredit.next();
        wrongCredit.credit(-1, 0);
        assertThat(wrongCredit.end()).isEqualTo("INVALID_ARGUMENT broker.credit_invalid");
        Call twice = new Call();
        twice.open(OpenSubscription.newBuilder().setStream(ORDERS));
        twice.next();
        twice.open(OpenSubscription.newBuilder().setStream(ORDERS));
        assertThat(twice.end()).isEqualTo("INVALID_ARGUMENT broker.subscription_invalid");
        Call early = new Call();
        early.credit(1, 1);
        assertThat(early.end()).isEqualTo("INVALID_ARGUMENT broker.subscription_invalid");
        Call never = new Call();
        never.requests.onCompleted();
        assertThat(never.end()).isEqualTo("INVALID_ARGUMENT broker.subscription_invalid");
        Call unknown = new Call();
        unknown.open(OpenSubscription.newBuilder().setStream("default/shop/streams/none"));
        assertThat(unknown.end()).isEqualTo("NOT_FOUND broker.resource_not_found");
        Call past = new Call();
        past.open(OpenSubscription.newBuilder()
                .setStream(ORDERS)
                .addPartitions(PartitionStart.newBuilder().setOffset(9)));
        assertThat(past.end()).isEqualTo("OUT_OF_RANGE broker.offset_past_end");

        fixture.catalogue().delete(StreamFixture.ORDERS, fixture.streams()::removeIn);
        assertThat(removed.end()).isEqualTo("NOT_FOUND broker.resource_not_found");
    }

    @Test
    void whoMayOnlyReadSubscribesButNotAsAMember() throws InterruptedException {
        GroupMember member = member(join("a"));
        caller = new Caller("reader", List.of(new Grant("default", "shop", Permission.READ)));
        Call reading = new Call();
        reading.open(OpenSubscription.newBuilder().setStream(ORDERS));
        assertThat(reading.next().hasOpened()).isTrue();
        Call asMember = new Call();
        asMember.open(OpenSubscription.newBuilder().setStream(ORDERS).setMember(member));
        assertThat(asMember.end()).isEqualTo("PERMISSION_DENIED broker.not_permitted");
        reading.requests.onCompleted();
        assertThat(reading.end()).isEqualTo("OK");
    }

    @Test
    void aGroupSharesPartitionsCommitsAndIsFenced() throws InterruptedException {
        append(0, "a", "b");
        append(1, "x");
        JoinGroupResponse a = join("a");
        assertThat(a.getAssignedCount()).isEqualTo(2);
        GroupMember first = member(a);
        Call call = new Call();
        call.open(OpenSubscription.newBuilder().setStream(ORDERS).setMember(first));
        call.next();
        call.credit(10, 10_000);
        call.requests.onNext(SubscribeRequest.newBuilder()
                .setHeartbeat(SubscriptionHeartbeat.getDefaultInstance())
                .build());
        List<String> got = new java.util.ArrayList<>(payloads(call.next()));
        got.addAll(payloads(call.next()));
        assertThat(got).containsExactlyInAnyOrder("a", "b", "x");
        commit(first, 0, 1);

        JoinGroupResponse b = join("");

        assertThat(b.getMemberId()).isNotEmpty();
        assertThat(b.getGeneration()).isEqualTo(2);
        assertThat(call.end()).isEqualTo("FAILED_PRECONDITION broker.generation_stale");
        refused(Status.Code.FAILED_PRECONDITION, "broker.generation_stale", () -> commit(first, 0, 2));
        refused(
                Status.Code.FAILED_PRECONDITION,
                "broker.member_unknown",
                () -> commit(first.toBuilder().setMemberId("forged").build(), 0, 2));
        GroupMember now = first.toBuilder()
                .setGeneration(client.heartbeatGroup(HeartbeatGroupRequest.newBuilder()
                                .setStream(ORDERS)
                                .setGroup("g")
                                .setMemberId("a")
                                .build())
                        .getGeneration())
                .build();
        refused(Status.Code.FAILED_PRECONDITION, "broker.partition_not_assigned", () -> commit(now, 1, 1));
        refused(Status.Code.OUT_OF_RANGE, "broker.offset_past_end", () -> commit(now, 0, 3));
        refused(Status.Code.FAILED_PRECONDITION, "broker.commit_backwards", () -> commit(now, 0, 0));
        commit(now, 0, 2);
        refused(
                Status.Code.FAILED_PRECONDITION,
                "broker.group_not_empty",
                () -> client.resetOffsets(ResetOffsetsRequest.newBuilder()
                        .setStream(ORDERS)
                        .setGroup("g")
                        .build()));

        leave("a");
        leave(b.getMemberId());
        DescribeStreamResponse described = describe();
        assertThat(described.getGroups(0).getProgressList()).containsExactly(progress(0, 2, 0), progress(1, 0, 1));
        assertThat(client.resetOffsets(ResetOffsetsRequest.newBuilder()
                                .setStream(ORDERS)
                                .setGroup("g")
                                .setPosition(StreamPosition.STREAM_POSITION_EARLIEST)
                                .build())
                        .getOffsets(0)
                        .getOffset())
                .isZero();
        client.deleteGroup(
                DeleteGroupRequest.newBuilder().setStream(ORDERS).setGroup("g").build());
        assertThat(describe().getGroupsCount()).isZero();
    }

    /** A subscriber. */
    private final class Call implements StreamObserver<SubscribeResponse> {
        private final BlockingQueue<SubscribeResponse> got = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> end = new LinkedBlockingQueue<>();
        private final StreamObserver<SubscribeRequest> requests =
                StreamsGrpc.newStub(channel).subscribe(this);

        void open(OpenSubscription.Builder open) {
            requests.onNext(SubscribeRequest.newBuilder().setOpen(open).build());
        }

        void credit(long records, long bytes) {
            requests.onNext(SubscribeRequest.newBuilder()
                    .setCredit(
                            SubscriptionCredit.newBuilder().setRecords(records).setBytes(bytes))
                    .build());
        }

        SubscribeResponse next() throws InterruptedException {
            SubscribeResponse next = got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("ended: " + end).isNotNull();
            return next;
        }

        String end() throws InterruptedException {
            return end.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(SubscribeResponse response) {
            got.add(response);
        }

        @Override
        public void onError(Throwable cause) {
            StatusRuntimeException status = (StatusRuntimeException) cause;
            end.add(status.getStatus().getCode() + " " + code(status));
        }

        @Override
        public void onCompleted() {
            end.add("OK");
        }
    }

    private JoinGroupResponse join(String member) {
        return client.joinGroup(JoinGroupRequest.newBuilder()
                .setStream(ORDERS)
                .setGroup("g")
                .setMemberId(member)
                .setSessionTimeout(Duration.newBuilder().setSeconds(60))
                .build());
    }

    private void leave(String member) {
        client.leaveGroup(LeaveGroupRequest.newBuilder()
                .setStream(ORDERS)
                .setGroup("g")
                .setMemberId(member)
                .build());
    }

    private static GroupMember member(JoinGroupResponse joined) {
        return GroupMember.newBuilder()
                .setGroup("g")
                .setMemberId(joined.getMemberId())
                .setGeneration(joined.getGeneration())
                .build();
    }

    private void commit(GroupMember as, int partition, long offset) {
        client.commitOffsets(CommitOffsetsRequest.newBuilder()
                .setStream(ORDERS)
                .setMember(as)
                .addOffsets(PartitionOffset.newBuilder().setPartition(partition).setOffset(offset))
                .build());
    }

    private DescribeStreamResponse describe() {
        return client.describeStream(
                DescribeStreamRequest.newBuilder().setStream(ORDERS).build());
    }

    private static GroupProgress progress(int partition, long committed, long lag) {
        return GroupProgress.newBuilder()
                .setPartition(partition)
                .setCommittedOffset(committed)
                .setLag(lag)
                .build();
    }

    private void append(int partition, String... payloads) {
        AppendRequest.Builder request =
                AppendRequest.newBuilder().setStream(ORDERS).setPartition(partition);
        for (String payload : payloads) {
            request.addRecords(payload(payload));
        }
        client.append(request.build());
    }

    private static NewRecord payload(String text) {
        return NewRecord.newBuilder().setPayload(ByteString.copyFromUtf8(text)).build();
    }

    private List<String> read(ReadRequest.Builder request) {
        return client.read(request.setStream(ORDERS).setPartition(1).build()).getRecordsList().stream()
                .map(record -> record.getPayload().toStringUtf8())
                .toList();
    }

    private static List<String> payloads(SubscribeResponse response) {
        return response.getBatch().getRecordsList().stream()
                .map(record -> record.getPayload().toStringUtf8())
                .toList();
    }

    private static void refused(Status.Code status, String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(status);
            assertThat(code(e)).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).isNotBlank();
        });
    }

    private static String code(StatusRuntimeException e) {
        return e.getTrailers() == null ? "" : String.valueOf(e.getTrailers().get(GrpcErrors.CODE));
    }
}
