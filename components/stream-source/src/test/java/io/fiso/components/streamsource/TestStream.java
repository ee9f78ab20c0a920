// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.GroupDescription;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.StreamSettings;
import io.fiso.testkit.LocalBroker;
import java.util.List;

/** A stream of a broker under test, from its other side. */
record TestStream(LocalBroker broker) {
    static final String NAME = "default/shop/streams/orders";

    static TestStream create(LocalBroker broker, int partitions) {
        broker.connection()
                .resources()
                .createResource(CreateResourceRequest.newBuilder()
                        .setResource(Resource.newBuilder()
                                .setName(NAME)
                                .setDurability(Durability.DURABILITY_OS)
                                .setStream(StreamSettings.newBuilder().setPartitions(partitions)))
                        .build());
        return new TestStream(broker);
    }

    void delete() {
        broker.connection()
                .resources()
                .deleteResource(DeleteResourceRequest.newBuilder().setName(NAME).build());
    }

    /** {@code {"n":from}} and so on, in ten keys. */
    void appendNumbered(int from, int count) {
        AppendRequest.Builder request = AppendRequest.newBuilder().setStream(NAME);
        for (int n = from; n < from + count; n++) {
            request.addRecords(record("key-" + n % 10, "{\"n\":" + n + "}"));
        }
        broker.connection().streams().append(request.build());
    }

    void append(int partition, NewRecord... records) {
        broker.connection()
                .streams()
                .append(AppendRequest.newBuilder()
                        .setStream(NAME)
                        .setPartition(partition)
                        .addAllRecords(List.of(records))
                        .build());
    }

    static NewRecord record(String key, String payload) {
        return NewRecord.newBuilder()
                .setKey(ByteString.copyFrom(key, UTF_8))
                .setPayload(ByteString.copyFrom(payload, UTF_8))
                .build();
    }

    List<GroupDescription> groups() {
        return broker.connection()
                .streams()
                .describeStream(
                        DescribeStreamRequest.newBuilder().setStream(NAME).build())
                .getGroupsList();
    }

    /** What the group of the tests' pipeline has committed in all. */
    long committed() {
        return groups().stream()
                .flatMap(group -> group.getProgressList().stream())
                .mapToLong(progress -> progress.getCommittedOffset())
                .sum();
    }
}
