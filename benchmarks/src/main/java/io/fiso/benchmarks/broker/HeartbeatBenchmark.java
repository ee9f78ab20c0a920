// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.RunningBroker;
import io.fiso.proto.broker.v1.AppendRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.NewRecord;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentRegistryGrpc.ComponentRegistryBlockingStub;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.GetComponentsRequest;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long the control plane takes to answer a heartbeat, while the broker beside it has nothing to do and while it has all that it can do, in turns. Arguments:
 * the directory of a pipeline that runs ({@code <state>/pipelines/<name>}), the directory of the broker that runs ({@code <state>/broker}), and
 * optionally rounds and seconds per turn.
 */
public final class HeartbeatBenchmark {
    private static final String STREAM = "default/benchmarks/streams/heartbeats";
    private static final int PRODUCERS = 16;
    private static final int BATCH = 64;
    private static final int PAYLOAD_BYTES = 1024;
    /** Between two heartbeats; a component sends one in ten seconds. */
    private static final Duration PAUSE = Duration.ofMillis(5);

    private HeartbeatBenchmark() {}

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        Duration turn = Duration.ofSeconds(args.length > 3 ? Integer.parseInt(args[3]) : 10);
        RunningBroker running =
                RunningBroker.find(Path.of(args[1])).orElseThrow(() -> new IOException("no broker runs in " + args[1]));
        JsonNode control =
                JsonMapper.shared().readTree(Path.of(args[0], "control.json").toFile());
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", control.path("grpcPort").asInt())
                .usePlaintext()
                .build();
        try (BrokerConnection broker = BrokerConnection.to(running.address())) {
            Metadata token = new Metadata();
            token.put(
                    Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                    "Bearer " + control.path("token").asString());
            ComponentRegistryBlockingStub registry = ComponentRegistryGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token));
            HeartbeatRequest heartbeat = heartbeat(registry);
            broker.call(() -> broker.resources()
                    .createResource(CreateResourceRequest.newBuilder()
                            .setResource(Resource.newBuilder().setName(STREAM))
                            .build()));
            measure("warm-up", registry, heartbeat, turn);
            for (int round = 0; round < rounds; round++) {
                measure("broker idle", registry, heartbeat, turn);
                underLoad(broker, registry, heartbeat, turn);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /** The same that a component of the run sends. */
    private static HeartbeatRequest heartbeat(ComponentRegistryBlockingStub registry) {
        ComponentStatus component = registry.getComponents(GetComponentsRequest.getDefaultInstance())
                .getComponents(0);
        return HeartbeatRequest.newBuilder()
                .setComponent(component.getComponent())
                .setInstance(component.getInstance())
                .setGeneration(component.getGeneration())
                .build();
    }

    private static void underLoad(
            BrokerConnection broker, ComponentRegistryBlockingStub registry, HeartbeatRequest heartbeat, Duration turn)
            throws InterruptedException {
        AtomicLong records = new AtomicLong();
        AppendRequest.Builder append = AppendRequest.newBuilder().setStream(STREAM);
        for (int i = 0; i < BATCH; i++) {
            append.addRecords(NewRecord.newBuilder().setPayload(ByteString.copyFrom(new byte[PAYLOAD_BYTES])));
        }
        AppendRequest batch = append.build();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService producers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PRODUCERS; i++) {
                producers.submit(() -> {
                    while (!over.get()) {
                        var _ = broker.call(() -> broker.streams().append(batch));
                        records.addAndGet(BATCH);
                    }
                    return BATCH;
                });
            }
            long began = System.nanoTime();
            measure("broker loaded", registry, heartbeat, turn);
            double seconds = (System.nanoTime() - began) / 1e9;
            System.out.printf("  with %.0f records/s of %d bytes%n", records.get() / seconds, PAYLOAD_BYTES);
            over.set(true);
        }
    }

    private static void measure(
            String what, ComponentRegistryBlockingStub registry, HeartbeatRequest heartbeat, Duration turn)
            throws InterruptedException {
        long[] nanos = new long[Math.toIntExact(turn.dividedBy(PAUSE))];
        int count = 0;
        for (long began = System.nanoTime(); count < nanos.length && System.nanoTime() - began < turn.toNanos(); ) {
            long sent = System.nanoTime();
            var _ = registry.heartbeat(heartbeat);
            nanos[count++] = System.nanoTime() - sent;
            Thread.sleep(PAUSE);
        }
        Arrays.sort(nanos, 0, count);
        System.out.printf(
                "%-14s %5d heartbeats  p50 %.2f ms  p99 %.2f ms  max %.2f ms%n",
                what, count, millis(nanos[count / 2]), millis(nanos[count * 99 / 100]), millis(nanos[count - 1]));
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
