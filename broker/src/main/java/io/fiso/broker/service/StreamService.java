// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.stream.Appended;
import io.fiso.broker.stream.Groups;
import io.fiso.broker.stream.Membership;
import io.fiso.broker.stream.Start;
import io.fiso.broker.stream.Streams;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.AppendResponse;
import io.fiso.proto.broker.v1.CommitOffsetsRequest;
import io.fiso.proto.broker.v1.CommitOffsetsResponse;
import io.fiso.proto.broker.v1.DeleteGroupRequest;
import io.fiso.proto.broker.v1.DeleteGroupResponse;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.HeartbeatGroupRequest;
import io.fiso.proto.broker.v1.HeartbeatGroupResponse;
import io.fiso.proto.broker.v1.JoinGroupRequest;
import io.fiso.proto.broker.v1.JoinGroupResponse;
import io.fiso.proto.broker.v1.LeaveGroupRequest;
import io.fiso.proto.broker.v1.LeaveGroupResponse;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.ResetOffsetsRequest;
import io.fiso.proto.broker.v1.ResetOffsetsResponse;
import io.fiso.proto.broker.v1.StreamsGrpc;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** Appends to streams, reads them, pushes them, and keeps consumer groups. Calls block, so its server must not run them on its event loop. */
public final class StreamService extends StreamsGrpc.StreamsImplBase {
    /** What a server must let in: an append with all that it may have. */
    public static final int REQUEST_BYTES_MAX = 20 * 1024 * 1024;

    private static final int READ_RECORDS = 100;
    private static final int READ_BYTES = 1024 * 1024;

    private final Streams streams;

    public StreamService(Streams streams) {
        this.streams = streams;
    }

    static ResourceName name(String text) {
        return ResourceName.parse(text, ResourceKind.STREAM);
    }

    private Resource stream(String text) {
        return streams.require(name(text));
    }

    @Override
    public void append(AppendRequest request, StreamObserver<AppendResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            List<Appended> appended = streams.append(
                    name(request.getStream()),
                    request.hasPartition() ? OptionalInt.of(request.getPartition()) : OptionalInt.empty(),
                    request.getRecordsList().stream().map(WireStream::record).toList());
            return AppendResponse.newBuilder()
                    .addAllAppended(appended.stream().map(WireStream::of).toList())
                    .build();
        });
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadResponse> observer) {
        GrpcErrors.answer(
                observer,
                () -> WireStream.of(streams.read(
                        name(request.getStream()),
                        request.getPartition(),
                        WireStream.start(request),
                        request.getRecordsMax() == 0 ? READ_RECORDS : request.getRecordsMax(),
                        request.getBytesMax() == 0 ? READ_BYTES : request.getBytesMax(),
                        request.getSkipMissing())));
    }

    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> observer) {
        return new SubscribeCall(streams, (ServerCallStreamObserver<SubscribeResponse>) observer);
    }

    @Override
    public void describeStream(DescribeStreamRequest request, StreamObserver<DescribeStreamResponse> observer) {
        GrpcErrors.answer(observer, () -> WireStream.of(streams.describe(name(request.getStream()))));
    }

    @Override
    public void joinGroup(JoinGroupRequest request, StreamObserver<JoinGroupResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Membership membership = streams.groups()
                    .join(
                            stream(request.getStream()),
                            request.getGroup(),
                            Optional.of(request.getMemberId()).filter(id -> !id.isEmpty()),
                            request.hasSessionTimeout()
                                    ? WireTimes.duration(request.getSessionTimeout())
                                    : Groups.SESSION_TIMEOUT,
                            WireStream.start(request));
            return JoinGroupResponse.newBuilder()
                    .setMemberId(membership.member())
                    .setGeneration(membership.generation())
                    .addAllAssigned(WireStream.of(membership.assigned()))
                    .build();
        });
    }

    @Override
    public void heartbeatGroup(HeartbeatGroupRequest request, StreamObserver<HeartbeatGroupResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Membership membership =
                    streams.groups().heartbeat(stream(request.getStream()), request.getGroup(), request.getMemberId());
            return HeartbeatGroupResponse.newBuilder()
                    .setGeneration(membership.generation())
                    .addAllAssigned(WireStream.of(membership.assigned()))
                    .build();
        });
    }

    @Override
    public void leaveGroup(LeaveGroupRequest request, StreamObserver<LeaveGroupResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            streams.groups().leave(stream(request.getStream()), request.getGroup(), request.getMemberId());
            return LeaveGroupResponse.getDefaultInstance();
        });
    }

    @Override
    public void commitOffsets(CommitOffsetsRequest request, StreamObserver<CommitOffsetsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            streams.groups()
                    .commit(
                            stream(request.getStream()),
                            request.getMember().getGroup(),
                            request.getMember().getMemberId(),
                            request.getMember().getGeneration(),
                            WireStream.positions(request.getOffsetsList()));
            return CommitOffsetsResponse.getDefaultInstance();
        });
    }

    @Override
    public void resetOffsets(ResetOffsetsRequest request, StreamObserver<ResetOffsetsResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            Resource stream = stream(request.getStream());
            SortedMap<Integer, Start> starts = WireStream.starts(request.getPartitionsList());
            if (starts.isEmpty()) {
                starts = new TreeMap<>();
                for (int partition = 0; partition < stream.stream().partitions(); partition++) {
                    starts.put(partition, WireStream.start(request.getPosition()));
                }
            }
            return ResetOffsetsResponse.newBuilder()
                    .addAllOffsets(WireStream.of(streams.groups().reset(stream, request.getGroup(), starts)))
                    .build();
        });
    }

    @Override
    public void deleteGroup(DeleteGroupRequest request, StreamObserver<DeleteGroupResponse> observer) {
        GrpcErrors.answer(observer, () -> {
            streams.groups().delete(stream(request.getStream()), request.getGroup());
            return DeleteGroupResponse.getDefaultInstance();
        });
    }
}
