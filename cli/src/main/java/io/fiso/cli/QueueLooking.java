// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.GetJobRequest;
import io.fiso.proto.broker.v1.GetJobResponse;
import io.fiso.proto.broker.v1.Job;
import io.fiso.proto.broker.v1.JobState;
import io.fiso.proto.broker.v1.ListJobsRequest;
import io.fiso.proto.broker.v1.ListJobsResponse;
import io.fiso.proto.broker.v1.PeekJobsRequest;
import io.fiso.proto.broker.v1.PeekedJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a queue; nothing is handed out by these. */
final class QueueLooking {
    private static final int PAGE = 1_000;

    private QueueLooking() {}

    /** As options write them. */
    enum State {
        ready,
        delayed,
        leased;

        JobState wire() {
            return switch (this) {
                case ready -> JobState.JOB_STATE_READY;
                case delayed -> JobState.JOB_STATE_DELAYED;
                case leased -> JobState.JOB_STATE_LEASED;
            };
        }
    }

    @Command(
            name = "jobs",
            description = "The jobs of a queue, by priority and time of visibility, without what they carry")
    static final class Jobs extends BrokerVerb.Named {
        @Option(names = "--state", paramLabel = "ready|delayed|leased", description = "Only these")
        @Nullable
        State state;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100)")
        int limit = 100;

        Jobs(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        void check() {
            NumberOptions.within("--limit", limit, 1, Integer.MAX_VALUE);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            List<Job> found = new ArrayList<>();
            ListJobsRequest.Builder request = ListJobsRequest.newBuilder().setQueue(whole);
            if (state != null) {
                request.setState(state.wire());
            }
            boolean more = true;
            while (more && found.size() < limit) {
                ListJobsRequest page = request.setPageSize(Math.min(PAGE, limit - found.size()))
                        .build();
                ListJobsResponse jobs = client.call(whole, () -> client.queues().listJobs(page));
                found.addAll(jobs.getJobsList());
                request.setPageToken(jobs.getNextPageToken());
                more = !jobs.getNextPageToken().isEmpty();
            }
            String summary = PipelineFile.count(found.size(), "job") + (more ? ", and more (--limit)" : "");
            return Answer.ok(
                    summary,
                    Format.map(
                            "queue",
                            whole,
                            "more",
                            more,
                            "jobs",
                            found.stream().map(JobText::data).toList()),
                    found.isEmpty()
                            ? "no jobs"
                            : JobText.table(found).render(terminal().width()) + (more ? "\n" + summary : ""));
        }
    }

    @Command(name = "peek", description = "What would be handed out next, or one job, with what it carries")
    static final class Peek extends BrokerVerb.Named {
        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "JOB",
                description = "The number of one, whatever its state")
        @Nullable
        Long job;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 1)")
        int limit = 1;

        Peek(Host host) {
            super(host, ResourceNames.QUEUE);
        }

        @Override
        void check() {
            NumberOptions.within("--limit", limit, 1, PAGE);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            List<PeekedJob> found = job == null ? next(client, whole) : List.of(one(client, whole, job));
            List<Map<String, @Nullable Object>> data = found.stream()
                    .map(peeked -> JobText.data(peeked.getJob(), peeked.getContent()))
                    .toList();
            return Answer.ok(
                    PipelineFile.count(found.size(), "job"),
                    Format.map("queue", whole, "jobs", data),
                    found.isEmpty()
                            ? "no job is ready"
                            : found.stream()
                                    .map(peeked -> JobText.text(
                                            peeked.getJob(),
                                            peeked.getContent(),
                                            terminal().style()))
                                    .collect(Collectors.joining("\n")));
        }

        private List<PeekedJob> next(BrokerClient client, String whole) {
            return client.call(
                            whole,
                            () -> client.queues()
                                    .peekJobs(PeekJobsRequest.newBuilder()
                                            .setQueue(whole)
                                            .setJobsMax(limit)
                                            .build()))
                    .getJobsList();
        }

        private static PeekedJob one(BrokerClient client, String whole, long job) {
            GetJobResponse found = client.call(
                    whole,
                    () -> client.queues()
                            .getJob(GetJobRequest.newBuilder()
                                    .setQueue(whole)
                                    .setJob(job)
                                    .build()));
            return PeekedJob.newBuilder()
                    .setJob(found.getJob())
                    .setContent(found.getContent())
                    .build();
        }
    }
}
