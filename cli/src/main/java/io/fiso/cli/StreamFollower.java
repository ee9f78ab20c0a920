// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.SubscriptionBatch;
import io.fiso.proto.broker.v1.SubscriptionCredit;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription that shows what comes, until enough has come or somebody asks to stop. */
final class StreamFollower {
    /** How much may be on the way. */
    private static final long AHEAD_RECORDS = 1_000;

    private static final long AHEAD_BYTES = 4 << 20;
    private static final long LOOK_MILLIS = 100;

    private final BrokerClient client;
    private final String stream;
    private final List<PartitionStart> starts;
    private final PrintStream err;
    private final BlockingQueue<Arrival> arrived = new LinkedBlockingQueue<>();

    /** Records, or, without any, the end. */
    private record Arrival(
            @Nullable SubscriptionBatch batch, @Nullable Throwable end) {}

    StreamFollower(BrokerClient client, String stream, List<PartitionStart> starts, PrintStream err) {
        this.client = client;
        this.stream = stream;
        this.starts = starts;
        this.err = err;
    }

    /** How many were shown. */
    long follow(long limit, Consumer<RecordText> show) throws InterruptedException {
        StopSignals signals = StopSignals.install(() -> {});
        StreamObserver<SubscribeRequest> calls =
                client.connection().streamsAsync().subscribe(new Arrivals());
        calls.onNext(SubscribeRequest.newBuilder()
                .setOpen(OpenSubscription.newBuilder()
                        .setStream(stream)
                        .addAllPartitions(starts)
                        .setSkipMissing(true))
                .build());
        long records = 0;
        long bytes = 0;
        calls.onNext(credit(records, bytes));
        while (!signals.stopRequested()) {
            Arrival arrival = arrived.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (arrival == null) {
                continue;
            }
            SubscriptionBatch batch = arrival.batch();
            if (batch == null) {
                throw client.failure(stream, ended(arrival.end()));
            }
            if (batch.getSkipped() > 0) {
                err.println("warning: " + PipelineFile.count(batch.getSkipped(), "record") + " of partition "
                        + batch.getPartition() + " went by retention before it could be shown");
            }
            for (StreamRecord record : batch.getRecordsList()) {
                show.accept(new RecordText(stream, batch.getPartition(), record));
                if (++records >= limit) {
                    calls.onCompleted();
                    return records;
                }
            }
            bytes += batch.getBytes();
            calls.onNext(credit(records, bytes));
        }
        calls.onCompleted();
        return records;
    }

    private static StatusRuntimeException ended(@Nullable Throwable end) {
        return end instanceof StatusRuntimeException failure
                ? failure
                : Status.UNAVAILABLE
                        .withDescription("it ended the subscription")
                        .asRuntimeException();
    }

    private static SubscribeRequest credit(long records, long bytes) {
        return SubscribeRequest.newBuilder()
                .setCredit(SubscriptionCredit.newBuilder()
                        .setRecords(records + AHEAD_RECORDS)
                        .setBytes(bytes + AHEAD_BYTES))
                .build();
    }

    private final class Arrivals implements StreamObserver<SubscribeResponse> {
        @Override
        public void onNext(SubscribeResponse response) {
            if (response.hasBatch()) {
                arrived.add(new Arrival(response.getBatch(), null));
            }
        }

        @Override
        public void onError(Throwable end) {
            arrived.add(new Arrival(null, end));
        }

        @Override
        public void onCompleted() {
            arrived.add(new Arrival(null, null));
        }
    }
}
