// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.kafka.StartOffset;
import io.fiso.proto.broker.v1.PartitionDescription;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.proto.broker.v1.StreamPosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what is in a stream. Is in no group and commits nothing, so nobody else notices. */
@Command(
        name = "read",
        description = "Show the records of a stream with key and headers; disturbs no consumer group",
        footer = {"", "Without --from and --follow, shows the last records there are."})
final class StreamReadCommand extends BrokerVerb.Named {
    private static final int LAST_BY_DEFAULT = 10;
    private static final int LIMIT_BY_DEFAULT = 100;
    private static final int PAGE = 1_000;
    private static final int MOST = 10_000;

    @Option(
            names = "--from",
            paramLabel = "POSITION",
            description = "earliest, latest, an offset, or a time (2026-01-31T00:00:00Z, or milliseconds since 1970)")
    @Nullable
    String from;

    @Option(
            names = "--last",
            paramLabel = "N",
            description = "Start with the last N records (default: 10; with --follow none)")
    @Nullable
    Integer last;

    @Option(names = "--partition", paramLabel = "N,…", split = ",", description = "Only these partitions")
    List<Integer> partitions = List.of();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100; with --follow no bound)")
    @Nullable
    Integer limit;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with new records, as they come, until Ctrl-C")
    boolean follow;

    @Option(names = "--value-only", description = "Print nothing but what records carry, one per line")
    boolean valueOnly;

    StreamReadCommand(Host host) {
        super(host, ResourceNames.STREAM);
    }

    @Override
    boolean streams() {
        return follow;
    }

    @Override
    void check() {
        if (from != null && last != null) {
            throw new CommandException(
                    Failure.invalid("cli.usage", "both --from and --last say where to start", "give one of them"));
        }
        NumberOptions.within("--last", last == null ? 0 : last, 0, MOST);
        NumberOptions.within("--limit", limit == null ? 1 : limit, 1, Integer.MAX_VALUE);
        start();
    }

    @Override
    Answer answer(BrokerClient client, String whole) throws InterruptedException {
        List<PartitionDescription> wanted = StreamCommands.chosen(
                name, StreamCommands.described(client, whole).getPartitionsList(), partitions);
        if (follow) {
            List<PartitionStart> starts = wanted.stream().map(this::start).toList();
            long count = new StreamFollower(client, whole, starts, terminal().err())
                    .follow(limit == null ? Long.MAX_VALUE : limit, this::show);
            return Answer.ok(PipelineFile.count(count, "record"), Format.map("stream", whole, "count", count), "");
        }
        List<RecordText> found = new ArrayList<>();
        for (PartitionDescription partition : wanted) {
            read(client, whole, partition, found);
        }
        found.sort(Comparator.<RecordText>comparingLong(r -> r.record().getTimestampMillis())
                .thenComparingInt(RecordText::partition)
                .thenComparingLong(r -> r.record().getOffset()));
        List<RecordText> shown = fromTheEnd()
                ? found.subList(Math.max(0, found.size() - most()), found.size())
                : found.subList(0, Math.min(found.size(), most()));
        String summary = PipelineFile.count(shown.size(), "record");
        return Answer.ok(
                summary,
                Format.map(
                        "stream",
                        whole,
                        "records",
                        isText()
                                ? List.of()
                                : shown.stream().map(RecordText::data).toList()),
                shown.isEmpty() && !valueOnly
                        ? "no records"
                        : shown.stream().map(this::text).collect(Collectors.joining("\n")));
    }

    private boolean fromTheEnd() {
        return from == null;
    }

    private int most() {
        return fromTheEnd()
                ? Math.min(last == null ? LAST_BY_DEFAULT : last, limit == null ? MOST : limit)
                : limit == null ? LIMIT_BY_DEFAULT : limit;
    }

    /** Where to start, if --from says so; otherwise at the end. */
    private StartOffset start() {
        try {
            return from == null ? new StartOffset.Latest() : StartOffset.parse(from);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    Failure.invalid("cli.usage", "--from " + e.getMessage(), "see fisoctl stream read --help"), e);
        }
    }

    /** An offset that one of several partitions has not reached yet is its end. */
    private long within(PartitionDescription partition, long offset) {
        return partitions.size() == 1 ? offset : Math.min(offset, partition.getEndOffset());
    }

    private PartitionStart start(PartitionDescription partition) {
        PartitionStart.Builder start = PartitionStart.newBuilder().setPartition(partition.getPartition());
        if (last != null) {
            return start.setOffset(Math.max(partition.getEarliestOffset(), partition.getEndOffset() - last))
                    .build();
        }
        return switch (start()) {
            case StartOffset.Earliest _ ->
                start.setPosition(StreamPosition.STREAM_POSITION_EARLIEST).build();
            case StartOffset.Latest _ ->
                start.setPosition(StreamPosition.STREAM_POSITION_LATEST).build();
            case StartOffset.At at ->
                start.setOffset(within(partition, at.offset())).build();
            case StartOffset.Since since ->
                start.setTimestampMillis(since.time().toEpochMilli()).build();
        };
    }

    private ReadRequest.Builder first(String whole, PartitionDescription partition) {
        ReadRequest.Builder request = ReadRequest.newBuilder().setStream(whole).setPartition(partition.getPartition());
        if (fromTheEnd()) {
            return request.setLast(most());
        }
        switch (start()) {
            case StartOffset.Earliest _ -> request.setPosition(StreamPosition.STREAM_POSITION_EARLIEST);
            case StartOffset.Latest _ -> request.setPosition(StreamPosition.STREAM_POSITION_LATEST);
            case StartOffset.At at -> request.setOffset(within(partition, at.offset()));
            case StartOffset.Since since ->
                request.setTimestampMillis(since.time().toEpochMilli());
        }
        return request;
    }

    /** What is there now, up to the limit. */
    private void read(BrokerClient client, String whole, PartitionDescription partition, List<RecordText> into) {
        int missing = most();
        if (missing == 0) {
            return;
        }
        ReadRequest.Builder request = first(whole, partition);
        while (true) {
            ReadRequest page = request.setRecordsMax(Math.min(missing, PAGE)).build();
            ReadResponse read = client.call(whole, () -> client.streams().read(page));
            read.getRecordsList().forEach(r -> into.add(new RecordText(whole, partition.getPartition(), r)));
            missing -= read.getRecordsCount();
            if (read.getRecordsCount() == 0 || missing <= 0 || read.getNextOffset() >= partition.getEndOffset()) {
                return;
            }
            request.setOffset(read.getNextOffset());
        }
    }

    private String text(RecordText record) {
        return valueOnly ? record.payload() : record.text(terminal().style());
    }

    private void show(RecordText record) {
        if (isText()) {
            terminal().out().println(text(record));
        } else {
            var data = Format.map("event", "record");
            data.putAll(record.data());
            terminal().out().println(Format.compact(data));
        }
        terminal().out().flush();
    }
}
