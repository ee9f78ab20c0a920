// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.AckJobRequest;
import io.fiso.proto.broker.v1.AckJobResponse;
import io.fiso.proto.broker.v1.DeliveredJob;
import io.fiso.proto.broker.v1.ExtendLeaseRequest;
import io.fiso.proto.broker.v1.ExtendLeaseResponse;
import io.fiso.proto.broker.v1.NackJobRequest;
import io.fiso.proto.broker.v1.NackJobResponse;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a worker does: take jobs, and say what became of each. */
final class QueueWork {
    private QueueWork() {}

    @Command(
            name = "take",
            description = "Take jobs, each with the lease that ack, nack and extend ask for; counts as an attempt",
            footer = {"", "A job that is neither acked nor given back comes back when its lease ends."})
    static final class Take extends BrokerVerb.Named {
        @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 1)")
        int limit = 1;

        @Option(
                names = "--wait",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long to wait if there is none, up to 5m (default: not at all)")
        Duration wait = Duration.ZERO;

        @Option(
                names = "--visibility-timeout",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long the lease lasts (default: as the queue says)")
        @Nullable
        Duration visibility;

        Take(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        void check() {
            NumberOptions.within("--limit", limit, 1, 1000);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            ReserveJobsRequest.Builder request = ReserveJobsRequest.newBuilder()
                    .setQueue(whole)
                    .setJobsMax(limit)
                    .setWait(WireDurations.wire(wait));
            if (visibility != null) {
                request.setVisibilityTimeout(WireDurations.wire(visibility));
            }
            List<DeliveredJob> taken = client.call(
                            whole, () -> client.queues(wait).reserveJobs(request.build()))
                    .getJobsList();
            return Answer.ok(
                    PipelineFile.count(taken.size(), "job"),
                    Format.map(
                            "queue",
                            whole,
                            "jobs",
                            taken.stream().map(Take::data).toList()),
                    taken.isEmpty()
                            ? "no job is ready"
                            : taken.stream().map(this::text).collect(Collectors.joining("\n")));
        }

        private String text(DeliveredJob taken) {
            return terminal()
                            .style()
                            .dim("lease " + taken.getLease() + "  until "
                                    + WireDurations.of(taken.getJob().getVisibleTime()))
                    + "\n"
                    + JobText.text(
                            taken.getJob(), taken.getContent(), terminal().style());
        }

        private static Map<String, @Nullable Object> data(DeliveredJob taken) {
            Map<String, @Nullable Object> data = JobText.data(taken.getJob(), taken.getContent());
            data.put("lease", taken.getLease());
            return data;
        }
    }

    /** What is said with a lease. */
    abstract static class WithLease extends BrokerVerb.Named {
        @Parameters(index = "1", paramLabel = "LEASE", description = "As \"queue take\" printed it")
        String lease = "";

        WithLease(Host host) {
            super(host, ResourceNames.QUEUE);
        }
    }

    @Command(name = "ack", description = "Say that a job is done; it never comes back")
    static final class Ack extends WithLease {
        Ack(Host host) {
            super(host);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            AckJobResponse acked = client.call(
                    whole,
                    () -> client.queues()
                            .ackJob(AckJobRequest.newBuilder()
                                    .setQueue(whole)
                                    .setLease(lease)
                                    .build()));
            String summary = acked.getRepeatedAck() ? "done; that had been said before" : "done";
            return Answer.ok(summary, Format.map("queue", whole, "repeated", acked.getRepeatedAck()), summary);
        }
    }

    @Command(name = "nack", description = "Give a job back, for another try or, after the last, as a dead letter")
    static final class Nack extends WithLease {
        @Option(
                names = "--delay",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "Hand it out again so long from now (default: at once)")
        @Nullable
        Duration delay;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for people")
        String reason = "";

        Nack(Host host) {
            super(host);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            NackJobRequest.Builder request =
                    NackJobRequest.newBuilder().setQueue(whole).setLease(lease).setReason(reason);
            if (delay != null) {
                request.setDelay(WireDurations.wire(delay));
            }
            NackJobResponse given = client.call(whole, () -> client.queues().nackJob(request.build()));
            String dead = given.getDeadLetterQueue();
            String summary = dead.isEmpty() ? "given back" : "that was its last attempt: it is in " + dead;
            return Answer.ok(
                    summary, Format.map("queue", whole, "deadLetterQueue", dead.isEmpty() ? null : dead), summary);
        }
    }

    @Command(name = "extend", description = "Make a lease end later, or earlier")
    static final class Extend extends WithLease {
        @Option(
                names = "--visibility-timeout",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long from now (default: as the queue says)")
        @Nullable
        Duration visibility;

        Extend(Host host) {
            super(host);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            ExtendLeaseRequest.Builder request =
                    ExtendLeaseRequest.newBuilder().setQueue(whole).setLease(lease);
            if (visibility != null) {
                request.setVisibilityTimeout(WireDurations.wire(visibility));
            }
            ExtendLeaseResponse extended =
                    client.call(whole, () -> client.queues().extendLease(request.build()));
            String until = WireDurations.of(extended.getLeaseEndTime()).toString();
            String summary = "the lease ends " + until;
            return Answer.ok(summary, Format.map("queue", whole, "leaseEnd", until), summary);
        }
    }
}
