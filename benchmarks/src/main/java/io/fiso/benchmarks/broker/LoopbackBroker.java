// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;

/** A whole broker in this process, and a connection to it over loopback: client and broker share the processors. */
record LoopbackBroker(BrokerServer server, BrokerConnection connection) implements AutoCloseable {
    static final String STREAM = "default/default/streams/bench";
    static final String QUEUE = "default/default/queues/bench";
    static final String STORE = "default/default/kv/bench";

    private static final Duration LEASE = Duration.ofHours(1);

    static LoopbackBroker open(Path directory) {
        InstantSource clock = InstantSource.system();
        BrokerServer server = BrokerServer.start(BrokerSettings.of(directory, 0, 0), clock, new Primitives(clock));
        return new LoopbackBroker(
                server,
                BrokerConnection.to(
                        new BrokerAddress("127.0.0.1", server.grpcPort(), Objects.requireNonNull(server.ownToken()))));
    }

    /** Makes one of each kind, with the durability that is the default: an answer means on disk. */
    LoopbackBroker withResources() {
        create(Resource.newBuilder().setName(STREAM));
        create(Resource.newBuilder()
                .setName(QUEUE)
                .setQueue(QueueSettings.newBuilder()
                        .setVisibilityTimeout(
                                com.google.protobuf.Duration.newBuilder().setSeconds(LEASE.toSeconds()))
                        .setAttemptsMax(5)));
        create(Resource.newBuilder().setName(STORE));
        return this;
    }

    private void create(Resource.Builder resource) {
        connection
                .resources()
                .createResource(
                        CreateResourceRequest.newBuilder().setResource(resource).build());
    }

    @Override
    public void close() {
        connection.close();
        server.close();
    }
}
