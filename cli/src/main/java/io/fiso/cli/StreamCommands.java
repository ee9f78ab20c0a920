// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.proto.broker.v1.DeleteGroupRequest;
import io.fiso.proto.broker.v1.DescribeStreamRequest;
import io.fiso.proto.broker.v1.DescribeStreamResponse;
import io.fiso.proto.broker.v1.GroupDescription;
import io.fiso.proto.broker.v1.PartitionDescription;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.Retention;
import io.fiso.proto.broker.v1.StreamSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Streams of the embedded broker. */
final class StreamCommands {
    private StreamCommands() {}

    static Group group(Host host) {
        return new Group(host, "stream", "Streams of the embedded broker, by partition and offset")
                .verb("list", h -> new ResourceVerbs.ListThem(h, ResourceNames.STREAM))
                .verb("create", Create::new)
                .verb("describe", Describe::new)
                .verb("append", StreamAppendCommand::new)
                .verb("read", StreamReadCommand::new)
                .verb("groups", Groups::new)
                .verb("reset-group", StreamResetCommand::new)
                .verb("delete-group", DeleteGroup::new)
                .verb("delete", h -> new ResourceVerbs.Remove(h, ResourceNames.STREAM));
    }

    static DescribeStreamResponse described(BrokerClient client, String stream) {
        return client.call(
                stream,
                () -> client.streams()
                        .describeStream(DescribeStreamRequest.newBuilder()
                                .setStream(stream)
                                .build()));
    }

    /** Those of a stream that were asked for; all, if none was. */
    static List<PartitionDescription> chosen(String name, List<PartitionDescription> all, List<Integer> asked) {
        for (int number : asked) {
            if (all.stream().noneMatch(p -> p.getPartition() == number)) {
                throw new CommandException(Failure.invalid(
                        "broker.partition_invalid",
                        "\"" + name + "\" has no partition " + number,
                        all.size() == 1 ? "it has partition 0" : "it has partitions 0 to " + (all.size() - 1)));
            }
        }
        return asked.isEmpty()
                ? all
                : all.stream().filter(p -> asked.contains(p.getPartition())).toList();
    }

    @Command(name = "create", description = "Make a stream; one that is there with the same settings is no error")
    static final class Create extends ResourceVerbs.Create {
        @Option(names = "--partitions", paramLabel = "N", description = "1 to 256 (default: 1); cannot be changed")
        int partitions = 1;

        @Option(
                names = "--retention-age",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "Let records go that are older: 168h")
        @Nullable
        Duration age;

        @Option(
                names = "--retention-bytes",
                paramLabel = "N",
                description = "Let the oldest records of a partition go when there are more bytes")
        long bytes;

        @Option(
                names = "--retention-records",
                paramLabel = "N",
                description = "Let the oldest records of a partition go when there are more")
        long records;

        @Option(
                names = "--until-consumed",
                description = "Let records go when every consumer group has committed past them, and never before")
        boolean untilConsumed;

        Create(Host host) {
            super(host, ResourceNames.STREAM);
        }

        @Override
        void check() {
            NumberOptions.within("--partitions", partitions, 1, 256);
            NumberOptions.within("--retention-bytes", bytes, 0, Long.MAX_VALUE);
            NumberOptions.within("--retention-records", records, 0, Long.MAX_VALUE);
        }

        @Override
        void settings(Resource.Builder resource) {
            Retention.Builder retention = Retention.newBuilder()
                    .setPartitionBytesMax(bytes)
                    .setPartitionRecordsMax(records)
                    .setUntilConsumed(untilConsumed);
            if (age != null) {
                retention.setAgeMax(WireDurations.wire(age));
            }
            resource.setStream(
                    StreamSettings.newBuilder().setPartitions(partitions).setRetention(retention));
        }
    }

    @Command(name = "describe", description = "Settings, partitions and consumer groups of a stream, with their lag")
    static final class Describe extends BrokerVerb.Named {
        Describe(Host host) {
            super(host, ResourceNames.STREAM);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            Resource resource = ResourceVerbs.get(client, whole);
            DescribeStreamResponse stream = described(client, whole);
            Table partitions = new Table("PARTITION", "EARLIEST", "END", "RECORDS", "BYTES", "SEGMENTS");
            long records = 0;
            for (PartitionDescription p : stream.getPartitionsList()) {
                partitions.row(
                        p.getPartition(),
                        p.getEarliestOffset(),
                        p.getEndOffset(),
                        p.getRecords(),
                        p.getBytes(),
                        p.getSegments());
                records += p.getRecords();
            }
            Map<String, @Nullable Object> data = ResourceText.data(resource);
            data.put(
                    "partitions",
                    stream.getPartitionsList().stream().map(Describe::data).toList());
            data.put("groups", stream.getGroupsList().stream().map(Groups::data).toList());
            String summary = PipelineFile.count(records, "record") + " in "
                    + PipelineFile.count(stream.getPartitionsCount(), "partition") + ", "
                    + PipelineFile.count(stream.getGroupsCount(), "consumer group");
            return Answer.ok(
                    summary,
                    data,
                    whole + ": " + ResourceText.durability(resource) + ", " + ResourceText.settings(resource) + "\n\n"
                            + partitions.render(terminal().width())
                            + (stream.getGroupsCount() == 0
                                    ? "\n\nno consumer groups"
                                    : "\n\n"
                                            + Groups.table(stream.getGroupsList())
                                                    .render(terminal().width())));
        }

        private static Map<String, @Nullable Object> data(PartitionDescription p) {
            return Format.map(
                    "partition",
                    p.getPartition(),
                    "earliest",
                    p.getEarliestOffset(),
                    "end",
                    p.getEndOffset(),
                    "records",
                    p.getRecords(),
                    "bytes",
                    p.getBytes(),
                    "segments",
                    p.getSegments());
        }
    }

    @Command(name = "groups", description = "The consumer groups of a stream: members, committed offsets and lag")
    static final class Groups extends BrokerVerb.Named {
        Groups(Host host) {
            super(host, ResourceNames.STREAM);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            List<GroupDescription> groups = described(client, whole).getGroupsList();
            return Answer.ok(
                    PipelineFile.count(groups.size(), "consumer group"),
                    Format.map(
                            "stream",
                            whole,
                            "groups",
                            groups.stream().map(Groups::data).toList()),
                    groups.isEmpty()
                            ? "no consumer groups"
                            : table(groups).render(terminal().width()));
        }

        static Table table(List<GroupDescription> groups) {
            Table table = new Table("GROUP", "MEMBERS", "PARTITION", "COMMITTED", "LAG");
            groups.forEach(group -> group.getProgressList()
                    .forEach(p -> table.row(
                            group.getGroup(),
                            group.getMembersCount(),
                            p.getPartition(),
                            p.getCommittedOffset(),
                            p.getLag())));
            return table;
        }

        static Map<String, @Nullable Object> data(GroupDescription group) {
            return Format.map(
                    "group",
                    group.getGroup(),
                    "generation",
                    group.getGeneration(),
                    "members",
                    group.getMembersList().stream()
                            .map(m -> Format.map("member", m.getMemberId(), "partitions", m.getPartitionsList()))
                            .toList(),
                    "partitions",
                    group.getProgressList().stream()
                            .map(p -> Format.map(
                                    "partition",
                                    p.getPartition(),
                                    "committed",
                                    p.getCommittedOffset(),
                                    "lag",
                                    p.getLag()))
                            .toList());
        }
    }

    @Command(
            name = "delete-group",
            description = "Forget a consumer group that has no members, with what it has committed")
    static final class DeleteGroup extends BrokerVerb.Named {
        @Parameters(index = "1", paramLabel = "GROUP", description = "Which")
        String group = "";

        @Mixin
        Confirmation confirmation = new Confirmation();

        DeleteGroup(Host host) {
            super(host, ResourceNames.STREAM);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            confirmation.require(terminal(), "broker", "forget group \"" + group + "\" of " + whole);
            client.call(
                    whole,
                    () -> client.streams()
                            .deleteGroup(DeleteGroupRequest.newBuilder()
                                    .setStream(whole)
                                    .setGroup(group)
                                    .build()));
            String summary = "group \"" + group + "\" of " + whole + " is forgotten";
            return Answer.ok(summary, Format.map("stream", whole, "group", group), summary);
        }
    }
}
