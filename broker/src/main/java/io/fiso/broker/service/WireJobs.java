// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.queue.Content;
import io.fiso.broker.queue.Delivery;
import io.fiso.broker.queue.Header;
import io.fiso.broker.queue.Job;
import io.fiso.broker.queue.JobState;
import io.fiso.broker.queue.NewJob;
import io.fiso.broker.queue.Origin;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.JobContent;
import io.fiso.proto.broker.v1.JobHeader;
import io.fiso.proto.broker.v1.JobOrigin;
import java.util.Optional;

/** Jobs as they travel. */
final class WireJobs {
    private WireJobs() {}

    static NewJob job(io.fiso.proto.broker.v1.NewJob wire) {
        if (wire.getPayload().size() > Content.PAYLOAD_BYTES_MAX) {
            // Before it is copied.
            throw Content.tooLarge(wire.getPayload().size());
        }
        Content content = new Content(
                wire.getPayload().toByteArray(),
                wire.getHeadersList().stream()
                        .map(header ->
                                new Header(header.getName(), header.getValue().toByteArray()))
                        .toList(),
                wire.hasKey() ? Optional.of(wire.getKey().toByteArray()) : Optional.empty());
        return new NewJob(
                content,
                wire.getPriority(),
                switch (wire.getWhenCase()) {
                    case DELAY -> new NewJob.When.In(WireTimes.duration(wire.getDelay()));
                    case VISIBLE_TIME -> new NewJob.When.At(WireTimes.instant(wire.getVisibleTime()));
                    case WHEN_NOT_SET -> NewJob.When.NOW;
                });
    }

    static Optional<JobState> state(io.fiso.proto.broker.v1.JobState wire) {
        return switch (wire) {
            case JOB_STATE_UNSPECIFIED -> Optional.empty();
            case JOB_STATE_READY -> Optional.of(JobState.READY);
            case JOB_STATE_DELAYED -> Optional.of(JobState.DELAYED);
            case JOB_STATE_LEASED -> Optional.of(JobState.LEASED);
            case UNRECOGNIZED ->
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.state_unknown",
                        "there is no such state; a job is READY, DELAYED or LEASED");
        };
    }

    static DeliveredJob of(Delivery delivery) {
        return DeliveredJob.newBuilder()
                .setJob(of(delivery.job()))
                .setContent(of(delivery.content()))
                .setLease(delivery.lease().text())
                .build();
    }

    static JobContent of(Content content) {
        JobContent.Builder wire = JobContent.newBuilder().setPayload(bytes(content.payload()));
        content.headers()
                .forEach(header -> wire.addHeaders(
                        JobHeader.newBuilder().setName(header.name()).setValue(bytes(header.value()))));
        content.key().ifPresent(key -> wire.setKey(bytes(key)));
        return wire.build();
    }

    static io.fiso.proto.broker.v1.Job of(Job job) {
        io.fiso.proto.broker.v1.Job.Builder wire = io.fiso.proto.broker.v1.Job.newBuilder()
                .setId(job.id())
                .setPriority(job.priority())
                .setState(
                        switch (job.state()) {
                            case READY -> io.fiso.proto.broker.v1.JobState.JOB_STATE_READY;
                            case DELAYED -> io.fiso.proto.broker.v1.JobState.JOB_STATE_DELAYED;
                            case LEASED -> io.fiso.proto.broker.v1.JobState.JOB_STATE_LEASED;
                        })
                .setAttempts(job.attempts())
                .setEnqueueTime(WireTimes.of(job.enqueued()))
                .setVisibleTime(WireTimes.of(job.visible()))
                .setReason(job.reason())
                .setPayloadSize(job.payloadSize());
        job.origin().ifPresent(origin -> wire.setOrigin(of(origin)));
        return wire.build();
    }

    private static JobOrigin of(Origin origin) {
        return JobOrigin.newBuilder()
                .setQueue(origin.queue())
                .setJob(origin.job())
                .setAttempts(origin.attempts())
                .setEnqueueTime(WireTimes.of(origin.enqueued()))
                .setDeadTime(WireTimes.of(origin.died()))
                .setReason(origin.reason())
                .build();
    }

    /** Nobody changes the array: see {@link Content}. */
    private static ByteString bytes(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
