// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.stream.Appended;
import io.fiso.broker.stream.GroupDescription;
import io.fiso.broker.stream.Header;
import io.fiso.broker.stream.KeptRecord;
import io.fiso.broker.stream.NewRecord;
import io.fiso.broker.stream.PartitionDescription;
import io.fiso.broker.stream.Position;
import io.fiso.broker.stream.Slice;
import io.fiso.broker.stream.Start;
import io.fiso.broker.stream.StreamDescription;
import io.fiso.proto.broker.v1.AppendedRecords;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.GroupProgress;
import io.fiso.proto.broker.v1.JoinGroupRequest;
import io.fiso.proto.broker.v1.MemberDescription;
import io.fiso.proto.broker.v1.PartitionOffset;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.StreamPosition;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.proto.broker.v1.SubscriptionBatch;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Streams as they travel. */
final class WireStream {
    private WireStream() {}

    static NewRecord record(io.fiso.proto.broker.v1.NewRecord wire) {
        List<Header> headers = wire.getHeadersList().stream()
                .map(header -> new Header(header.getName(), header.getValue()))
                .toList();
        return new NewRecord(
                wire.hasKey() ? Optional.of(wire.getKey()) : Optional.empty(),
                headers,
                wire.hasTimestampMillis() ? OptionalLong.of(wire.getTimestampMillis()) : OptionalLong.empty(),
                wire.getPayload());
    }

    static StreamRecord of(KeptRecord kept) {
        StreamRecord.Builder wire = StreamRecord.newBuilder()
                .setOffset(kept.offset())
                .setTimestampMillis(kept.timestampMillis())
                .setPayload(kept.payload());
        kept.key().ifPresent(wire::setKey);
        kept.headers()
                .forEach(header -> wire.addHeaders(
                        RecordHeader.newBuilder().setName(header.name()).setValue(header.value())));
        return wire.build();
    }

    static AppendedRecords of(Appended appended) {
        return AppendedRecords.newBuilder()
                .setPartition(appended.partition())
                .setFirstOffset(appended.firstOffset())
                .setRecords(appended.records())
                .build();
    }

    static ReadResponse of(Slice slice) {
        return ReadResponse.newBuilder()
                .addAllRecords(slice.records().stream().map(WireStream::of).toList())
                .setNextOffset(slice.nextOffset())
                .setEarliestOffset(slice.earliestOffset())
                .setEndOffset(slice.endOffset())
                .setSkipped(slice.skipped())
                .build();
    }

    static SubscriptionBatch batch(int partition, Slice slice) {
        return SubscriptionBatch.newBuilder()
                .setPartition(partition)
                .addAllRecords(slice.records().stream().map(WireStream::of).toList())
                .setBytes(slice.bytes())
                .setEndOffset(slice.endOffset())
                .setSkipped(slice.skipped())
                .build();
    }

    static List<PartitionOffset> of(List<Position> positions) {
        return positions.stream()
                .map(position -> PartitionOffset.newBuilder()
                        .setPartition(position.partition())
                        .setOffset(position.offset())
                        .setNote(position.note())
                        .build())
                .toList();
    }

    static List<Position> positions(List<PartitionOffset> wire) {
        return wire.stream()
                .map(offset -> new Position(offset.getPartition(), offset.getOffset(), offset.getNote()))
                .toList();
    }

    static Start start(ReadRequest wire) {
        return switch (wire.getStartCase()) {
            case OFFSET -> new Start.At(wire.getOffset());
            case POSITION -> start(wire.getPosition());
            case TIMESTAMP_MILLIS -> new Start.Since(wire.getTimestampMillis());
            case LAST -> new Start.Last(wire.getLast());
            case START_NOT_SET -> new Start.Earliest();
        };
    }

    static Start start(JoinGroupRequest wire) {
        return switch (wire.getBeginCase()) {
            case START -> start(wire.getStart());
            case START_OFFSET -> new Start.At(wire.getStartOffset());
            case START_TIMESTAMP_MILLIS -> new Start.Since(wire.getStartTimestampMillis());
            case BEGIN_NOT_SET -> new Start.Earliest();
        };
    }

    static Start start(StreamPosition wire) {
        return switch (wire) {
            case STREAM_POSITION_UNSPECIFIED, STREAM_POSITION_EARLIEST -> new Start.Earliest();
            case STREAM_POSITION_LATEST -> new Start.Latest();
            case UNRECOGNIZED ->
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.position_invalid",
                        "position is none that this broker knows; it can be EARLIEST or LATEST");
        };
    }

    static SortedMap<Integer, Start> starts(List<PartitionStart> wire) {
        SortedMap<Integer, Start> starts = new TreeMap<>();
        for (PartitionStart start : wire) {
            Start place = switch (start.getStartCase()) {
                case OFFSET -> new Start.At(start.getOffset());
                case POSITION -> start(start.getPosition());
                case TIMESTAMP_MILLIS -> new Start.Since(start.getTimestampMillis());
                case START_NOT_SET -> new Start.Earliest();
            };
            if (starts.put(start.getPartition(), place) != null) {
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.partition_invalid",
                        "partition " + start.getPartition() + " is listed twice");
            }
        }
        return starts;
    }

    static DescribeStreamResponse of(StreamDescription description) {
        DescribeStreamResponse.Builder wire = DescribeStreamResponse.newBuilder();
        description.partitions().forEach(partition -> wire.addPartitions(of(partition)));
        description.groups().forEach(group -> wire.addGroups(of(group)));
        return wire.build();
    }

    private static io.fiso.proto.broker.v1.PartitionDescription of(PartitionDescription partition) {
        return io.fiso.proto.broker.v1.PartitionDescription.newBuilder()
                .setPartition(partition.partition())
                .setEarliestOffset(partition.earliestOffset())
                .setEndOffset(partition.endOffset())
                .setRecords(partition.records())
                .setBytes(partition.bytes())
                .setSegments(partition.segments())
                .build();
    }

    private static io.fiso.proto.broker.v1.GroupDescription of(GroupDescription group) {
        io.fiso.proto.broker.v1.GroupDescription.Builder wire = io.fiso.proto.broker.v1.GroupDescription.newBuilder()
                .setGroup(group.group())
                .setGeneration(group.generation());
        group.members()
                .forEach((member, partitions) -> wire.addMembers(
                        MemberDescription.newBuilder().setMemberId(member).addAllPartitions(partitions)));
        group.progress()
                .forEach(progress -> wire.addProgress(GroupProgress.newBuilder()
                        .setPartition(progress.partition())
                        .setCommittedOffset(progress.committedOffset())
                        .setNote(progress.committed().note())
                        .setLag(progress.lag())));
        return wire.build();
    }
}
