// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.CountJobsRequest;
import io.fiso.proto.broker.v1.CountJobsResponse;
import io.fiso.proto.broker.v1.PurgeJobsRequest;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.ReplayJobsRequest;
import io.fiso.proto.broker.v1.ReplayJobsResponse;
import io.fiso.proto.broker.v1.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Queues of the embedded broker. */
final class QueueCommands {
    private QueueCommands() {}

    static Group group(Host host) {
        return new Group(host, "queue", "Queues of the embedded broker, whose jobs are handed out one worker at a time")
                .verb("list", h -> new ResourceVerbs.ListThem(h, ResourceNames.QUEUE))
                .verb("create", Create::new)
                .verb("describe", Describe::new)
                .verb("put", QueuePutCommand::new)
                .verb("jobs", QueueLooking.Jobs::new)
                .verb("peek", QueueLooking.Peek::new)
                .verb("take", QueueWork.Take::new)
                .verb("ack", QueueWork.Ack::new)
                .verb("nack", QueueWork.Nack::new)
                .verb("extend", QueueWork.Extend::new)
                .verb("replay", Replay::new)
                .verb("purge", Purge::new)
                .verb("delete", h -> new ResourceVerbs.Remove(h, ResourceNames.QUEUE));
    }

    private static CountJobsResponse count(BrokerClient client, String queue) {
        return client.call(
                queue,
                () -> client.queues()
                        .countJobs(CountJobsRequest.newBuilder().setQueue(queue).build()));
    }

    @Command(name = "create", description = "Make a queue; one that is there with the same settings is no error")
    static final class Create extends ResourceVerbs.Create {
        @Option(
                names = "--visibility-timeout",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long a job that was taken stays with its worker (default: 30s)")
        @Nullable
        Duration visibility;

        @Option(
                names = "--max-attempts",
                paramLabel = "N",
                description = "After so many deliveries without an ack a job is a dead letter (default: 5)")
        int attempts;

        @Option(
                names = "--dead-letter-queue",
                paramLabel = "NAME",
                description = "The queue in the same namespace that takes those (default: NAME.dlq)")
        String deadLetters = "";

        Create(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        void check() {
            NumberOptions.within("--max-attempts", attempts, 0, Integer.MAX_VALUE);
        }

        @Override
        void settings(Resource.Builder resource) {
            QueueSettings.Builder queue =
                    QueueSettings.newBuilder().setAttemptsMax(attempts).setDeadLetterQueue(deadLetters);
            if (visibility != null) {
                queue.setVisibilityTimeout(WireDurations.wire(visibility));
            }
            resource.setQueue(queue);
        }
    }

    @Command(name = "describe", description = "Settings of a queue, and how many jobs are in it")
    static final class Describe extends BrokerVerb.Named {
        Describe(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            Resource resource = ResourceVerbs.get(client, whole);
            CountJobsResponse counts = count(client, whole);
            Map<String, @Nullable Object> data = ResourceText.data(resource);
            data.put("ready", counts.getReady());
            data.put("delayed", counts.getDelayed());
            data.put("leased", counts.getLeased());
            data.put(
                    "oldestAgeMillis",
                    counts.hasOldestAge()
                            ? WireDurations.of(counts.getOldestAge()).toMillis()
                            : null);
            String summary = counts.getReady() + " ready, " + counts.getDelayed() + " delayed, " + counts.getLeased()
                    + " leased"
                    + (counts.hasOldestAge()
                            ? ", the oldest " + Durations.show(WireDurations.of(counts.getOldestAge())) + " old"
                            : "");
            return Answer.ok(
                    summary,
                    data,
                    whole + ": " + ResourceText.durability(resource) + ", " + ResourceText.settings(resource) + "\n"
                            + summary);
        }
    }

    @Command(
            name = "replay",
            description =
                    "Put dead letters back into the queues they came from; NAME is the queue that has the dead letters")
    static final class Replay extends BrokerVerb.Named {
        @Parameters(index = "1..*", arity = "0..*", paramLabel = "JOB", description = "Their numbers")
        List<Long> jobs = List.of();

        @Option(names = "--all", description = "All that are there now")
        boolean all;

        Replay(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        void check() {
            if (all != jobs.isEmpty()) {
                throw new CommandException(Failure.invalid(
                        "cli.usage",
                        all
                                ? "both --all and numbers say which letters to replay"
                                : "nothing says which letters to replay",
                        "name jobs or --all"));
            }
            NumberOptions.within("the number of jobs,", jobs.size(), 0, 1000);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            ReplayJobsResponse replayed = client.call(
                    whole,
                    () -> client.queues()
                            .replayJobs(ReplayJobsRequest.newBuilder()
                                    .setQueue(whole)
                                    .addAllJobs(jobs)
                                    .setAll(all)
                                    .build()));
            String summary = PipelineFile.count(replayed.getReplayed(), "dead letter") + " replayed"
                    + (replayed.getLeft() == 0 ? "" : ", " + replayed.getLeft() + " left: " + replayed.getLeftReason());
            return Answer.ok(
                    summary,
                    Format.map(
                            "queue",
                            whole,
                            "replayed",
                            replayed.getReplayed(),
                            "left",
                            replayed.getLeft(),
                            "leftReason",
                            replayed.getLeftReason()),
                    summary);
        }
    }

    @Command(name = "purge", description = "Remove every job of a queue, those that are being worked on too")
    static final class Purge extends BrokerVerb.Named {
        @Mixin
        Confirmation confirmation = new Confirmation();

        Purge(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            CountJobsResponse counts = count(client, whole);
            long jobs = counts.getReady() + counts.getDelayed() + counts.getLeased();
            confirmation.require(
                    terminal(),
                    "broker",
                    "remove every job of " + whole + ", " + jobs + " now, of which " + counts.getLeased()
                            + " with a worker");
            client.call(
                    whole,
                    () -> client.queues()
                            .purgeJobs(PurgeJobsRequest.newBuilder()
                                    .setQueue(whole)
                                    .build()));
            String summary = whole + " is empty; it had " + PipelineFile.count(jobs, "job");
            return Answer.ok(summary, Format.map("queue", whole, "removed", jobs), summary);
        }
    }
}
