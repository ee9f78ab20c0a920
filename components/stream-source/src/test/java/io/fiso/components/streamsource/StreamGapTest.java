// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Services;
import io.fiso.broker.service.ResourceService;
import io.fiso.broker.service.StreamService;
import io.fiso.broker.stream.Streams;
import io.fiso.components.streamsource.StreamSourceConfig.OnGap;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.Retention;
import io.fiso.proto.broker.v1.StreamSettings;
import io.fiso.testkit.PipelineDouble;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records that retention took before they were read. */
@Timeout(300)
class StreamGapTest {
    private static final int RECORDS = 1_000;

    @TempDir
    Path directory;

    private BrokerServer server;
    private BrokerAddress address;
    private long earliest;

    @BeforeEach
    void loseTheFirstRecordsOfAStream() {
        AtomicReference<Streams> made = new AtomicReference<>();
        server = BrokerServer.start(
                BrokerSettings.of(directory.resolve("broker"), 0, 0), Clock.systemUTC(), (store, catalogue) -> {
                    Streams streams = new Streams(store, catalogue, Clock.systemUTC());
                    made.set(streams);
                    return new Services(
                            List.of(
                                    new ResourceService(store, catalogue, streams::removeIn),
                                    new StreamService(streams)),
                            streams::close);
                });
        address = new BrokerAddress("127.0.0.1", server.grpcPort(), Objects.requireNonNull(server.ownToken()));
        try (BrokerConnection connection = BrokerConnection.to(address)) {
            connection
                    .resources()
                    .createResource(CreateResourceRequest.newBuilder()
                            .setResource(Resource.newBuilder()
                                    .setName(TestStream.NAME)
                                    .setDurability(Durability.DURABILITY_OS)
                                    .setStream(StreamSettings.newBuilder()
                                            .setRetention(Retention.newBuilder().setPartitionRecordsMax(100))))
                            .build());
            for (int from = 0; from < RECORDS; from += 100) {
                AppendRequest.Builder append = AppendRequest.newBuilder().setStream(TestStream.NAME);
                for (int n = from; n < from + 100; n++) {
                    append.addRecords(TestStream.record("a", "{\"n\":" + n + "}"));
                }
                connection.streams().append(append.build());
            }
            made.get().retain();
            earliest = connection
                    .streams()
                    .describeStream(DescribeStreamRequest.newBuilder()
                            .setStream(TestStream.NAME)
                            .build())
                    .getPartitions(0)
                    .getEarliestOffset();
        }
        assertThat(earliest).isPositive();
    }

    @AfterEach
    void stopBroker() {
        server.close();
    }

    @Test
    void areAnErrorThatSaysWhereAndWhatToDo() throws Exception {
        PipelineDouble pipeline = start(OnGap.FAIL);
        pipeline.awaitEnd();
        assertThat(pipeline.failure())
                .hasMessageContaining("STREAM_GAP")
                .hasMessageContaining(Long.toString(earliest))
                .hasMessageContaining("onGap: skip");
        assertThat(pipeline.emitted()).isEmpty();
    }

    @Test
    void areCountedIfTheUserSaysSo() throws Exception {
        PipelineDouble pipeline = start(OnGap.SKIP);
        pipeline.awaitEmitted(RECORDS - (int) earliest);
        pipeline.stop();
        assertThat(pipeline.emitted().getFirst().position()).isEqualTo(earliest);
        assertThat(pipeline.metrics().scrape().stream()
                        .filter(CounterSnapshot.class::isInstance)
                        .map(CounterSnapshot.class::cast)
                        .filter(counter -> counter.getMetadata().getName().startsWith("fiso_component_skipped_records"))
                        .map(counter -> counter.getDataPoints().getFirst().getValue()))
                .containsExactly((double) earliest);
    }

    private PipelineDouble start(OnGap onGap) throws Exception {
        StreamSourceConfig config =
                new StreamSourceConfig(TestStream.NAME, null, null, null, null, null, null, 0, null, onGap, null, null);
        return new PipelineDouble(config, directory.resolve("state"), 0)
                .withBroker(address)
                .start(new StreamSource());
    }
}
