// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.kafka.StartOffset;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.GroupDescription;
import io.fiso.proto.broker.v1.GroupProgress;
import io.fiso.proto.broker.v1.PartitionDescription;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.ResetOffsetsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets where a consumer group goes on. */
@Command(
        name = "reset-group",
        description = "Set where a consumer group goes on, while it has no members. Shows before and after")
final class StreamResetCommand extends BrokerVerb.Named {
    @Parameters(index = "1", paramLabel = "GROUP", description = "Which")
    String group = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "POSITION",
            description = "earliest, latest, an offset, or a time (2026-01-31T00:00:00Z, or milliseconds since 1970)")
    String to = "";

    @Option(names = "--partition", paramLabel = "N,…", split = ",", description = "Only these partitions")
    List<Integer> partitions = List.of();

    @Option(names = "--dry-run", description = "Only show what would change")
    boolean dryRun;

    @Option(names = "--yes", description = "Do it")
    boolean yes;

    StreamResetCommand(Host host) {
        super(host, ResourceNames.STREAM);
    }

    @Override
    void check() {
        target();
    }

    @Override
    Answer answer(BrokerClient client, String whole) {
        DescribeStreamResponse stream = StreamCommands.described(client, whole);
        GroupDescription found = stream.getGroupsList().stream()
                .filter(g -> g.getGroup().equals(group))
                .findFirst()
                .orElseThrow(() -> unknown(
                        whole,
                        stream.getGroupsList().stream()
                                .map(GroupDescription::getGroup)
                                .toList()));
        Table table = new Table("PARTITION", "BEFORE", "AFTER");
        List<Object> changes = new ArrayList<>();
        List<PartitionStart> starts = new ArrayList<>();
        for (PartitionDescription partition : StreamCommands.chosen(name, stream.getPartitionsList(), partitions)) {
            long after = offset(client, whole, partition);
            Long before = found.getProgressList().stream()
                    .filter(p -> p.getPartition() == partition.getPartition())
                    .map(GroupProgress::getCommittedOffset)
                    .findFirst()
                    .orElse(null);
            table.row(partition.getPartition(), before == null ? "-" : before, "→ " + after);
            changes.add(Format.map("partition", partition.getPartition(), "before", before, "after", after));
            starts.add(PartitionStart.newBuilder()
                    .setPartition(partition.getPartition())
                    .setOffset(after)
                    .build());
        }
        Map<String, @Nullable Object> result =
                Format.map("stream", whole, "group", group, "applied", yes && !dryRun, "partitions", changes);
        String text = table.render(terminal().width());
        String what = "group \"" + group + "\", " + PipelineFile.count(starts.size(), "partition");
        if (dryRun) {
            return Answer.ok("would reset " + what, result, text);
        }
        if (!yes) {
            return Answer.failed(
                    Failure.invalid(
                            "broker.not_confirmed",
                            "nothing was changed: " + what + " would be reset",
                            "add --yes to do it"),
                    result,
                    text);
        }
        client.call(
                whole,
                () -> client.streams()
                        .resetOffsets(ResetOffsetsRequest.newBuilder()
                                .setStream(whole)
                                .setGroup(group)
                                .addAllPartitions(starts)
                                .build()));
        return Answer.ok("reset " + what, result, text);
    }

    private StartOffset target() {
        try {
            return StartOffset.parse(to);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    Failure.invalid("cli.usage", "--to " + e.getMessage(), "see fisoctl stream reset-group --help"), e);
        }
    }

    private CommandException unknown(String whole, List<String> groups) {
        List<String> near = Spelling.nearest(group, groups);
        return new CommandException(Failure.invalid(
                "broker.group_not_found",
                "there is no group \"" + group + "\" of " + whole,
                !near.isEmpty()
                        ? "did you mean " + String.join(" or ", near) + "?"
                        : groups.isEmpty() ? "it has none" : "there are " + String.join(", ", groups)));
    }

    private long offset(BrokerClient client, String whole, PartitionDescription partition) {
        return switch (target()) {
            case StartOffset.Earliest _ -> partition.getEarliestOffset();
            case StartOffset.Latest _ -> partition.getEndOffset();
            case StartOffset.At at -> at.offset();
            case StartOffset.Since since -> {
                ReadResponse read = client.call(
                        whole,
                        () -> client.streams()
                                .read(ReadRequest.newBuilder()
                                        .setStream(whole)
                                        .setPartition(partition.getPartition())
                                        .setTimestampMillis(since.time().toEpochMilli())
                                        .setRecordsMax(1)
                                        .build()));
                yield read.getNextOffset() - read.getRecordsCount();
            }
        };
    }
}
