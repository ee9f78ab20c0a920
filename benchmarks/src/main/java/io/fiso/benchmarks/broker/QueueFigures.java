// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.fiso.proto.broker.v1.AckJobRequest;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.QueuesGrpc.QueuesBlockingStub;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsResponse;
import java.time.Duration;
import java.util.List;

/** Jobs taken and acked one by one, with many that wait and where many have been. Each of the two is durable. */
record QueueFigures(Scale scale, Figures figures) {
    private static final List<Integer> CALLERS = List.of(1, 16);
    static final int FILL_TOGETHER = 1_000;
    private static final int DRAIN_TOGETHER = 100;
    /** More than are worked off in the time of a round. */
    private static final int AT_THE_TAIL = 20_000;

    void measure() throws Exception {
        try (Scratch scratch = Scratch.in(scale.root());
                LoopbackBroker broker = LoopbackBroker.open(scratch.directory()).withResources()) {
            QueuesBlockingStub queues = broker.connection().queues();
            for (int round = -1; round < scale.rounds(); round++) {
                Figures into = round < 0 ? new Figures() : figures;
                fill(queues, scale.jobs());
                for (int callers : CALLERS) {
                    into.add(
                            callers + " workers, " + scale.jobs() + " jobs wait: reserve and ack",
                            Callers.rate(callers, scale.time(), _ -> () -> work(queues, 1)),
                            "jobs/s");
                }
                Callers.rate(16, Duration.ofHours(1), _ -> () -> work(queues, DRAIN_TOGETHER));
                for (int callers : CALLERS) {
                    fill(queues, AT_THE_TAIL);
                    into.add(
                            callers + " workers, at the tail of a queue that has seen " + scale.jobs()
                                    + ": reserve and ack",
                            Callers.rate(callers, scale.time(), _ -> () -> work(queues, 1)),
                            "jobs/s");
                    Callers.rate(16, Duration.ofHours(1), _ -> () -> work(queues, DRAIN_TOGETHER));
                }
            }
        }
        figures.print("queue, over gRPC");
    }

    private static long work(QueuesBlockingStub queues, int together) {
        ReserveJobsResponse taken = queues.reserveJobs(ReserveJobsRequest.newBuilder()
                .setQueue(LoopbackBroker.QUEUE)
                .setJobsMax(together)
                .build());
        for (DeliveredJob job : taken.getJobsList()) {
            queues.ackJob(AckJobRequest.newBuilder()
                    .setQueue(LoopbackBroker.QUEUE)
                    .setLease(job.getLease())
                    .build());
        }
        return taken.getJobsCount();
    }

    static void fill(QueuesBlockingStub queues, int jobs) {
        EnqueueJobsRequest.Builder request = EnqueueJobsRequest.newBuilder().setQueue(LoopbackBroker.QUEUE);
        for (int i = 0; i < FILL_TOGETHER; i++) {
            request.addJobsBuilder().setPayload(ByteString.copyFrom(new byte[BareStream.PAYLOAD_BYTES]));
        }
        EnqueueJobsRequest enqueue = request.build();
        for (int done = 0; done < jobs; done += FILL_TOGETHER) {
            queues.enqueueJobs(enqueue);
        }
    }
}
