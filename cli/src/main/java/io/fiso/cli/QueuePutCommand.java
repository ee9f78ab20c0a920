// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.EnqueueJobsRequest;
import io.fiso.proto.broker.v1.JobHeader;
import io.fiso.proto.broker.v1.NewJob;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds jobs. */
@Command(name = "put", description = "Add jobs to a queue")
final class QueuePutCommand extends BrokerVerb.Named {
    @Parameters(index = "1", arity = "0..1", paramLabel = "PAYLOAD", description = "What the job carries")
    @Nullable
    String payload;

    @Mixin
    PayloadInput input = new PayloadInput();

    @Mixin
    HeaderOptions with = new HeaderOptions();

    @Option(names = "--priority", paramLabel = "N", description = "0 to 9; 9 is handed out first (default: 0)")
    int priority;

    @Option(
            names = "--delay",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "Hand it out so long from now")
    @Nullable
    Duration delay;

    QueuePutCommand(Host host) {
        super(host, ResourceNames.QUEUE);
    }

    @Override
    void check() {
        input.check(payload);
        with.headers();
        NumberOptions.within("--priority", priority, 0, 9);
    }

    @Override
    Answer answer(BrokerClient client, String whole) throws IOException {
        NewJob.Builder job = NewJob.newBuilder().setPriority(priority);
        if (with.key != null) {
            job.setKey(ByteString.copyFromUtf8(with.key));
        }
        if (delay != null) {
            job.setDelay(WireDurations.wire(delay));
        }
        with.headers()
                .forEach(header -> job.addHeaders(JobHeader.newBuilder()
                        .setName(header.name())
                        .setValue(ByteString.copyFromUtf8(header.value()))));
        List<String> numbers = new ArrayList<>();
        try {
            input.read(payload, payloads -> {
                EnqueueJobsRequest.Builder request =
                        EnqueueJobsRequest.newBuilder().setQueue(whole);
                payloads.forEach(bytes -> request.addJobs(job.setPayload(bytes)));
                client.call(whole, () -> client.queues().enqueueJobs(request.build()))
                        .getJobsList()
                        .forEach(number -> numbers.add(Long.toUnsignedString(number)));
            });
        } catch (CommandException e) {
            throw numbers.isEmpty() ? e : PayloadInput.after(PipelineFile.count(numbers.size(), "job"), e);
        }
        if (numbers.isEmpty()) {
            throw new CommandException(
                    Failure.invalid("cli.no_events", "\"" + input.file + "\" has no jobs in it", ""));
        }
        String summary = numbers.size() == 1
                ? "job " + numbers.getFirst() + " in " + whole
                : numbers.size() + " jobs in " + whole + ", " + numbers.getFirst() + " to " + numbers.getLast();
        return Answer.ok(summary, Format.map("queue", whole, "jobs", numbers), summary);
    }
}
