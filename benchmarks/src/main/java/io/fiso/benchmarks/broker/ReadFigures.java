// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.stream.Start;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.StreamPosition;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.SubscriptionCredit;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Reads of a stream in which a million records wait: its last ten, and all of them as a subscriber. */
record ReadFigures(Scale scale, Figures figures) {
    private static final int LAST = 10;
    private static final int READS = 2_000;

    void tail() throws Exception {
        try (Scratch scratch = filled()) {
            Path store = store(scratch);
            for (int round = 0; round < scale.rounds(); round++) {
                try (BareStream stream = BareStream.open(store, Settings.Retention.FOREVER)) {
                    reads(
                            "Java",
                            () -> stream.streams()
                                    .read(BareStream.NAME, 0, new Start.Last(LAST), LAST, 1 << 20, false)
                                    .records()
                                    .size());
                }
                try (LoopbackBroker broker = LoopbackBroker.open(scratch.directory())) {
                    ReadRequest request = ReadRequest.newBuilder()
                            .setStream(LoopbackBroker.STREAM)
                            .setLast(LAST)
                            .build();
                    reads(
                            "gRPC",
                            () -> broker.connection().streams().read(request).getRecordsCount());
                }
            }
        }
        figures.print("the last 10 of " + scale.records() + " records");
    }

    private void reads(String face, Callers.Turn read) throws Exception {
        double[] millis = new double[READS];
        for (int i = 0; i < READS; i++) {
            long begin = System.nanoTime();
            long records = read.once();
            millis[i] = (System.nanoTime() - begin) / 1e6;
            if (records != LAST) {
                throw new IllegalStateException("read " + records + " records");
            }
        }
        figures.add(face + ", first read after the store was opened", millis[0], "ms");
        Arrays.sort(millis);
        figures.add(face + ", median of " + READS, millis[READS / 2], "ms");
        figures.add(face + ", 99th percentile", millis[READS * 99 / 100], "ms");
    }

    void subscribe() throws Exception {
        try (Scratch scratch = filled();
                LoopbackBroker broker = LoopbackBroker.open(scratch.directory())) {
            for (int round = -1; round < scale.rounds(); round++) {
                long begin = System.nanoTime();
                Taking taking = new Taking(scale.records());
                StreamObserver<SubscribeRequest> asking =
                        broker.connection().streamsAsync().subscribe(taking);
                asking.onNext(SubscribeRequest.newBuilder()
                        .setOpen(OpenSubscription.newBuilder()
                                .setStream(LoopbackBroker.STREAM)
                                .setStart(StreamPosition.STREAM_POSITION_EARLIEST))
                        .build());
                asking.onNext(SubscribeRequest.newBuilder()
                        .setCredit(SubscriptionCredit.newBuilder()
                                .setRecords(Long.MAX_VALUE)
                                .setBytes(Long.MAX_VALUE))
                        .build());
                long bytes = taking.all.get();
                asking.onCompleted();
                double seconds = (System.nanoTime() - begin) / 1e9;
                if (round >= 0) {
                    figures.add("one subscriber over gRPC", scale.records() / seconds, "records/s");
                    figures.add("the same, payload", bytes / seconds / 1e6, "MB/s");
                }
            }
        }
        figures.print("a backlog of " + scale.records() + " records");
    }

    private static final class Taking implements StreamObserver<SubscribeResponse> {
        private final CompletableFuture<Long> all = new CompletableFuture<>();
        private final long records;
        private long seen;
        private long bytes;

        Taking(long records) {
            this.records = records;
        }

        @Override
        public void onNext(SubscribeResponse response) {
            seen += response.getBatch().getRecordsCount();
            response.getBatch()
                    .getRecordsList()
                    .forEach(record -> bytes += record.getPayload().size());
            if (seen >= records) {
                all.complete(bytes);
            }
        }

        @Override
        public void onError(Throwable cause) {
            all.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {
            all.completeExceptionally(new IllegalStateException("it ended after " + seen + " records"));
        }
    }

    /** The directory of a broker. */
    private Scratch filled() throws IOException {
        Scratch scratch = Scratch.in(scale.root());
        try (BareStream stream = BareStream.open(store(scratch), Settings.Retention.FOREVER)) {
            stream.fill(scale.records());
        }
        return scratch;
    }

    private static Path store(Scratch scratch) throws IOException {
        return Files.createDirectories(scratch.directory().resolve("store"));
    }
}
