// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks;

import com.google.protobuf.ByteString;
import io.cloudevents.v1.proto.CloudEvent;
import io.cloudevents.v1.proto.CloudEvent.CloudEventAttributeValue;
import io.fiso.proto.stream.v1.Batch;
import io.fiso.proto.stream.v1.Credit;
import io.fiso.proto.stream.v1.EventStreamGrpc;
import io.fiso.proto.stream.v1.Record;
import io.fiso.proto.stream.v1.Settle;
import io.fiso.proto.stream.v1.SubscribeRequest;
import io.fiso.proto.stream.v1.SubscribeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The peer: the chain that one writes with grpc-java as it comes. Generated stubs, every event a protobuf object, the default
 * executor, batches of 64, acknowledgements back per batch over the same contract and the same window. It keeps no ledger, no
 * outbox and no counters per fate; it only moves events. One role per process:
 *
 * <pre>
 * StockChain source PORT | relay PORT UPSTREAM_PORT | sink UPSTREAM_PORT
 * </pre>
 *
 * The sink prints how many events it has seen so far, once a second.
 */
public final class StockChain {
    private static final int BATCH = 64;
    private static final int WINDOW = 4096;

    private StockChain() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "source" -> new Emitter(Integer.parseInt(args[1])).generate();
            case "relay" -> relay(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            case "sink" -> sink(Integer.parseInt(args[1]));
            default -> throw new IllegalArgumentException("role \"" + args[0] + "\": expected source, relay or sink");
        }
    }

    /** Serves one subscriber; waits for window before each batch. */
    private static final class Emitter extends EventStreamGrpc.EventStreamImplBase {
        private final Server server;
        private final CountDownLatch subscribed = new CountDownLatch(1);
        private final Semaphore window = new Semaphore(WINDOW);
        private final AtomicLong settled = new AtomicLong();
        private volatile StreamObserver<SubscribeResponse> out = new Discard();
        private volatile Runnable onSettle = () -> {};

        Emitter(int port) throws IOException {
            server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                    .addService(this)
                    .build()
                    .start();
        }

        @Override
        public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> responses) {
            out = responses;
            subscribed.countDown();
            return new StreamObserver<>() {
                @Override
                public void onNext(SubscribeRequest request) {
                    if (request.hasSettle()) {
                        long upTo = request.getSettle().getUpTo();
                        window.release((int) (upTo - settled.getAndSet(upTo)));
                        onSettle.run();
                    }
                }

                @Override
                public void onError(Throwable t) {
                    System.exit(0);
                }

                @Override
                public void onCompleted() {}
            };
        }

        void send(Batch batch) throws InterruptedException {
            subscribed.await();
            window.acquire(batch.getRecordsCount());
            out.onNext(SubscribeResponse.newBuilder().setBatch(batch).build());
        }

        void generate() throws InterruptedException {
            long sequence = 1;
            while (!server.isShutdown()) {
                Batch.Builder batch = Batch.newBuilder().setFirstSequence(sequence);
                for (int i = 0; i < BATCH; i++, sequence++) {
                    batch.addRecords(Record.newBuilder()
                            .setEvent(order(sequence))
                            .setOrderKey(ByteString.copyFromUtf8("order-" + sequence % 1000)));
                }
                send(batch.build());
            }
        }

        private static CloudEvent order(long n) {
            String json = "{\"n\":" + n + ",\"legacy_id\":\"L-" + n
                    + "\",\"order_status\":\"NEW\",\"price\":19.99,\"quantity\":3,\"customer\":{\"id\":\"c-" + n % 1000
                    + "\",\"tier\":\"premium\"},\"note\":\"" + "x".repeat(150) + "\"}";
            return CloudEvent.newBuilder()
                    .setId("generator/" + n)
                    .setSource("fiso-flow/bench")
                    .setSpecVersion("1.0")
                    .setType("order.create")
                    .putAttributes("datacontenttype", text("application/json"))
                    .putAttributes("partitionkey", text("order-" + n % 1000))
                    .setBinaryData(ByteString.copyFrom(json, StandardCharsets.UTF_8))
                    .build();
        }

        private static CloudEventAttributeValue text(String value) {
            return CloudEventAttributeValue.newBuilder().setCeString(value).build();
        }
    }

    private static void relay(int port, int upstreamPort) throws Exception {
        Emitter emitter = new Emitter(port);
        BlockingQueue<Batch> arrived = new ArrayBlockingQueue<>(WINDOW);
        StreamObserver<SubscribeRequest> upstream = subscribe(upstreamPort, arrived);
        emitter.onSettle = () -> settle(upstream, emitter.settled.get());
        while (!emitter.server.isShutdown()) {
            Batch batch = arrived.take();
            Batch.Builder forward = Batch.newBuilder().setFirstSequence(batch.getFirstSequence());
            for (Record record : batch.getRecordsList()) {
                forward.addRecords(record);
            }
            emitter.send(forward.build());
        }
    }

    private static void sink(int upstreamPort) throws Exception {
        BlockingQueue<Batch> arrived = new ArrayBlockingQueue<>(WINDOW);
        StreamObserver<SubscribeRequest> upstream = subscribe(upstreamPort, arrived);
        long seen = 0;
        long printedAt = System.nanoTime();
        while (true) {
            Batch batch = arrived.take();
            seen = batch.getFirstSequence() + batch.getRecordsCount() - 1;
            settle(upstream, seen);
            long now = System.nanoTime();
            if (now - printedAt >= 1_000_000_000L) {
                System.out.println(seen);
                printedAt = now;
            }
        }
    }

    private static void settle(StreamObserver<SubscribeRequest> upstream, long upTo) {
        synchronized (upstream) {
            upstream.onNext(SubscribeRequest.newBuilder()
                    .setSettle(Settle.newBuilder().setUpTo(upTo))
                    .build());
        }
    }

    private static StreamObserver<SubscribeRequest> subscribe(int port, BlockingQueue<Batch> arrived) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                .usePlaintext()
                .build();
        StreamObserver<SubscribeRequest> requests = EventStreamGrpc.newStub(channel)
                .withWaitForReady()
                .subscribe(new StreamObserver<>() {
                    @Override
                    public void onNext(SubscribeResponse response) {
                        arrived.add(response.getBatch());
                    }

                    @Override
                    public void onError(Throwable t) {
                        System.exit(0);
                    }

                    @Override
                    public void onCompleted() {
                        System.exit(0);
                    }
                });
        requests.onNext(SubscribeRequest.newBuilder()
                .setCredit(Credit.newBuilder().setEvents(WINDOW))
                .build());
        return requests;
    }

    private static final class Discard implements StreamObserver<SubscribeResponse> {
        @Override
        public void onNext(SubscribeResponse value) {}

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }
}
