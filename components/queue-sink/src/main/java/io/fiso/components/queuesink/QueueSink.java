// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesink;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UnsafeByteOperations;
import io.cloudevents.CloudEvent;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.brokeraccess.Portions;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.JobHeader;
import io.fiso.proto.broker.v1.NewJob;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord.Header;
import io.fiso.sdk.message.EventMessage;
import io.fiso.sdk.message.EventWriter;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Puts events into a queue of the broker, a batch at a time, all with the same priority and delay. */
public final class QueueSink implements BatchEventSink {
    private static final int JOBS_MAX = 1_000;
    private static final int KEY_MAX_BYTES = 1_024;
    /** Below the limit of a call (30 s), so that this sink gives up before it is interrupted. */
    private static final long ENQUEUE_TIMEOUT_SECONDS = 20;

    private @Nullable BrokerLink link;
    private @Nullable Portions portions;

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new QueueSink(), args);
    }

    @Override
    public void open(ComponentContext context) {
        QueueSinkConfig config = context.config(QueueSinkConfig.class);
        BrokerLink open = new BrokerLink(config.target(), context);
        link = open;
        portions = new Portions(
                open, new EventWriter(config.mode()), JOBS_MAX, messages -> enqueue(open, config, messages));
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws Exception {
        Objects.requireNonNull(portions, "deliver before open").deliver(events, outcome);
    }

    private static void enqueue(BrokerLink link, QueueSinkConfig config, List<EventMessage> messages)
            throws IOException, InterruptedException {
        EnqueueJobsRequest.Builder request =
                EnqueueJobsRequest.newBuilder().setQueue(link.target().name());
        messages.forEach(message -> request.addJobs(job(message, config)));
        link.call(broker -> broker.queues()
                .withDeadlineAfter(ENQUEUE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .enqueueJobs(request.build()));
    }

    private static NewJob job(EventMessage message, QueueSinkConfig config) {
        // Nobody changes these arrays any more.
        NewJob.Builder job = NewJob.newBuilder().setPriority(config.priority());
        byte[] payload = message.payload();
        if (payload != null) {
            job.setPayload(UnsafeByteOperations.unsafeWrap(payload));
        }
        if (config.delay().isPositive()) {
            job.setDelay(Duration.newBuilder()
                    .setSeconds(config.delay().getSeconds())
                    .setNanos(config.delay().getNano()));
        }
        byte[] key = message.key();
        // A queue keeps no order per key, so one that it does not take is not missed.
        if (key != null && key.length <= KEY_MAX_BYTES) {
            job.setKey(UnsafeByteOperations.unsafeWrap(key));
        }
        for (Header header : message.headers()) {
            byte[] value = header.value();
            job.addHeaders(JobHeader.newBuilder()
                    .setName(header.name())
                    .setValue(value == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(value)));
        }
        return job.build();
    }

    @Override
    public void close() {
        BrokerLink open = link;
        link = null;
        if (open != null) {
            open.close();
        }
    }
}
