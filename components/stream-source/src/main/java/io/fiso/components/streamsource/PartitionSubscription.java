// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.SubscriptionBatch;
import io.fiso.proto.broker.v1.SubscriptionCredit;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The subscription to one partition. One each, so that a partition that the pipeline does not take holds up no other. Used by the reader's thread; what comes is
 * put into its queue by gRPC's, never more than the window.
 */
final class PartitionSubscription implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
    /** Credit goes back in portions. */
    private static final int PORTIONS = 4;

    private final int partition;
    private final BrokerConnection connection;
    private final Window window;
    private final BlockingQueue<Arrival> arrivals;
    private @Nullable ClientCallStreamObserver<SubscribeRequest> requests;
    private long taken;
    private long takenBytes;
    private long grantedAt;
    private long grantedAtBytes;
    private volatile boolean closed;

    /** How much may be on its way and waiting. */
    record Window(long records, long bytes) {
        private static final long ALL_RECORDS = 20_000;
        private static final long ALL_BYTES = 16L << 20;
        private static final long BYTES_MIN = 256L << 10;
        private static final long RECORDS_MIN = 250;

        /** Of one of so many partitions. */
        static Window of(int partitions) {
            int share = Math.max(4, partitions);
            return new Window(Math.max(RECORDS_MIN, ALL_RECORDS / share), Math.max(BYTES_MIN, ALL_BYTES / share));
        }
    }

    private PartitionSubscription(
            int partition, BrokerConnection connection, Window window, BlockingQueue<Arrival> arrivals) {
        this.partition = partition;
        this.connection = connection;
        this.window = window;
        this.arrivals = arrivals;
    }

    static PartitionSubscription open(
            int partition,
            OpenSubscription open,
            BrokerConnection connection,
            Window window,
            BlockingQueue<Arrival> arrivals) {
        PartitionSubscription made = new PartitionSubscription(partition, connection, window, arrivals);
        connection.streamsAsync().subscribe(made);
        made.send(SubscribeRequest.newBuilder().setOpen(open).build());
        made.grant();
        return made;
    }

    int partition() {
        return partition;
    }

    BrokerConnection connection() {
        return connection;
    }

    /** Its records, of which the last gives the batch's credit back when it is emitted. */
    List<Fetched> records(SubscriptionBatch batch) {
        List<Fetched> records = new ArrayList<>(batch.getRecordsCount());
        int last = batch.getRecordsCount() - 1;
        for (int i = 0; i <= last; i++) {
            Runnable emitted = i < last ? () -> {} : () -> taken(batch.getRecordsCount(), batch.getBytes());
            records.add(new Fetched(batch.getRecords(i), emitted));
        }
        return records;
    }

    private void taken(int records, long bytes) {
        taken += records;
        takenBytes += bytes;
        if (!closed
                && ((taken - grantedAt) * PORTIONS >= window.records()
                        || (takenBytes - grantedAtBytes) * PORTIONS >= window.bytes())) {
            grant();
        }
    }

    private void grant() {
        grantedAt = taken;
        grantedAtBytes = takenBytes;
        send(SubscribeRequest.newBuilder()
                .setCredit(SubscriptionCredit.newBuilder()
                        .setRecords(taken + window.records())
                        .setBytes(takenBytes + window.bytes()))
                .build());
    }

    private void send(SubscribeRequest request) {
        ClientCallStreamObserver<SubscribeRequest> open = requests;
        try {
            if (open != null) {
                open.onNext(request);
            }
        } catch (IllegalStateException _) {
            // It has just ended: why, stands in the queue.
        }
    }

    void close() {
        closed = true;
        ClientCallStreamObserver<SubscribeRequest> open = requests;
        if (open != null) {
            open.cancel("it is not wanted any more", null);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
        requests = stream;
    }

    @Override
    public void onNext(SubscribeResponse response) {
        if (response.hasBatch()) {
            arrived(new Arrival.Batch(this, response.getBatch()));
        }
    }

    @Override
    public void onError(Throwable reason) {
        StatusRuntimeException status = reason instanceof StatusRuntimeException known
                ? known
                : Status.fromThrowable(reason).asRuntimeException();
        arrived(new Arrival.Failed(this, BrokerFailure.of(status, connection.address())));
    }

    @Override
    public void onCompleted() {
        onError(Status.UNAVAILABLE.withDescription("the subscription ended").asRuntimeException());
    }

    private void arrived(Arrival arrival) {
        if (!closed) {
            Queue<Arrival> to = arrivals;
            to.add(arrival);
        }
    }
}
