// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import com.google.protobuf.Duration;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.kafka.StartOffset;
import io.fiso.proto.broker.v1.CommitOffsetsRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.GroupDescription;
import io.fiso.proto.broker.v1.GroupMember;
import io.fiso.proto.broker.v1.GroupProgress;
import io.fiso.proto.broker.v1.HeartbeatGroupRequest;
import io.fiso.proto.broker.v1.HeartbeatGroupResponse;
import io.fiso.proto.broker.v1.JoinGroupRequest;
import io.fiso.proto.broker.v1.JoinGroupResponse;
import io.fiso.proto.broker.v1.LeaveGroupRequest;
import io.fiso.proto.broker.v1.PartitionOffset;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.StreamPosition;
import io.fiso.proto.broker.v1.StreamsGrpc.StreamsBlockingStub;
import io.fiso.sdk.event.StableId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The calls of one member of a consumer group. Each is made once; failures come out. */
final class GroupPlace {
    private static final long REQUEST_TIMEOUT_SECONDS = 10;
    private static final long SESSION_TIMEOUT_SECONDS = 30;
    private static final int MEMBER_CHARS_MAX = 100;

    private final BrokerLink link;
    private final String group;
    private final String member;

    /** @param member its own id: the same after a restart, so that it takes its old place */
    GroupPlace(BrokerLink link, String group, String member) {
        this.link = link;
        this.group = group;
        this.member =
                member.length() <= MEMBER_CHARS_MAX ? member : StableId.of(0, member.getBytes(StandardCharsets.UTF_8));
    }

    JoinGroupResponse join(StartOffset start) throws IOException, InterruptedException {
        JoinGroupRequest.Builder request = JoinGroupRequest.newBuilder()
                .setStream(stream())
                .setGroup(group)
                .setMemberId(member)
                .setSessionTimeout(Duration.newBuilder().setSeconds(SESSION_TIMEOUT_SECONDS));
        switch (start) {
            case StartOffset.Latest() -> request.setStart(StreamPosition.STREAM_POSITION_LATEST);
            case StartOffset.Earliest() -> request.setStart(StreamPosition.STREAM_POSITION_EARLIEST);
            case StartOffset.At(long offset) -> request.setStartOffset(offset);
            case StartOffset.Since(Instant time) -> request.setStartTimestampMillis(time.toEpochMilli());
        }
        return call(streams -> streams.joinGroup(request.build()));
    }

    HeartbeatGroupResponse heartbeat() throws IOException, InterruptedException {
        return call(streams -> streams.heartbeatGroup(HeartbeatGroupRequest.newBuilder()
                .setStream(stream())
                .setGroup(group)
                .setMemberId(member)
                .build()));
    }

    void commit(long generation, List<PartitionOffset> offsets) throws IOException, InterruptedException {
        call(streams -> streams.commitOffsets(CommitOffsetsRequest.newBuilder()
                .setStream(stream())
                .setMember(in(generation))
                .addAllOffsets(offsets)
                .build()));
    }

    void leave() throws IOException, InterruptedException {
        call(streams -> streams.leaveGroup(LeaveGroupRequest.newBuilder()
                .setStream(stream())
                .setGroup(group)
                .setMemberId(member)
                .build()));
    }

    DescribeStreamResponse describe() throws IOException, InterruptedException {
        return call(streams -> streams.describeStream(
                DescribeStreamRequest.newBuilder().setStream(stream()).build()));
    }

    /** How far the group is, by partition. */
    List<GroupProgress> progress() throws IOException, InterruptedException {
        return progress(describe());
    }

    private List<GroupProgress> progress(DescribeStreamResponse stream) {
        return stream.getGroupsList().stream()
                .filter(described -> described.getGroup().equals(group))
                .map(GroupDescription::getProgressList)
                .findFirst()
                .orElse(List.of());
    }

    /** Whether the group has committed every record that there is. */
    boolean throughWithAll() throws IOException, InterruptedException {
        DescribeStreamResponse stream = describe();
        Map<Integer, Long> committed = new HashMap<>();
        progress(stream).forEach(part -> committed.put(part.getPartition(), part.getCommittedOffset()));
        return stream.getPartitionsList().stream()
                .allMatch(part -> committed.getOrDefault(part.getPartition(), -1L) >= part.getEndOffset());
    }

    /** The end of a partition. */
    long end(int partition) throws IOException, InterruptedException {
        return read(partition, ReadRequest.newBuilder().setPosition(StreamPosition.STREAM_POSITION_LATEST))
                .getEndOffset();
    }

    /** The offset of a partition's first record with this timestamp or a later one; its end if there is none. */
    long since(int partition, Instant time) throws IOException, InterruptedException {
        ReadResponse read = read(partition, ReadRequest.newBuilder().setTimestampMillis(time.toEpochMilli()));
        return read.getRecordsCount() == 0
                ? read.getEndOffset()
                : read.getRecords(0).getOffset();
    }

    private ReadResponse read(int partition, ReadRequest.Builder from) throws IOException, InterruptedException {
        return call(streams -> streams.read(from.setStream(stream())
                .setPartition(partition)
                .setRecordsMax(1)
                .build()));
    }

    GroupMember in(long generation) {
        return GroupMember.newBuilder()
                .setGroup(group)
                .setMemberId(member)
                .setGeneration(generation)
                .build();
    }

    String stream() {
        return link.target().name();
    }

    private <A> A call(Function<StreamsBlockingStub, A> call) throws IOException, InterruptedException {
        return link.call(
                broker -> call.apply(broker.streams().withDeadlineAfter(REQUEST_TIMEOUT_SECONDS, TimeUnit.SECONDS)));
    }
}
