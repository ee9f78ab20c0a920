// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.kafka.StartOffset;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where the Kafka sources of a pipeline stand. */
final class OffsetsCommands {
    private OffsetsCommands() {}

    static Group group(Host host) {
        return new Group(host, "offsets", "Where the Kafka sources of a pipeline stand")
                .verb("get", Get::new)
                .verb("reset", Reset::new);
    }

    /** What both have. */
    static final class Which {
        @Parameters(
                paramLabel = "PIPELINE|FILE",
                description = "A pipeline that has run on this machine, or a pipeline file")
        @Nullable
        String pipeline;

        @Option(names = "--component", paramLabel = "ID", description = "The Kafka source, if there are several")
        @Nullable
        String component;

        @Option(
                names = "--timeout",
                paramLabel = "DURATION",
                converter = Durations.class,
                defaultValue = "10s",
                description = "How long to wait for a broker (default: 10s)")
        Duration timeout = Duration.ofSeconds(10);
    }

    @Command(name = "get", description = "Committed and last offsets, lag and totals of every partition")
    static final class Get extends Verb {
        @Mixin
        Which which = new Which();

        Get(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException, InterruptedException {
            KafkaSources sources = KafkaSources.of(host, Objects.requireNonNull(which.pipeline));
            List<KafkaSources.Source> wanted =
                    which.component == null ? sources.sources() : List.of(sources.source(Optional.of(which.component)));
            Table table = new Table("GROUP", "TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "TOTALS", "RUN");
            List<Object> results = new ArrayList<>();
            long lag = 0;
            int partitions = 0;
            for (KafkaSources.Source source : wanted) {
                try (GroupOffsets offsets = new GroupOffsets(source, which.timeout)) {
                    List<GroupOffsets.Position> positions = offsets.positions(source.topics());
                    for (GroupOffsets.Position position : positions) {
                        row(table, source, position);
                        lag += position.lag().orElse(0);
                    }
                    partitions += positions.size();
                    results.add(Format.map(
                            "component",
                            source.component(),
                            "group",
                            source.group(),
                            "partitions",
                            positions.stream().map(Get::data).toList()));
                }
            }
            return Answer.ok(
                    "pipeline \"" + sources.pipeline() + "\": " + PipelineFile.count(partitions, "partition") + ", lag "
                            + lag,
                    Format.map("pipeline", sources.pipeline(), "sources", results, "lag", lag),
                    table.render(terminal().width()));
        }

        private static void row(Table table, KafkaSources.Source source, GroupOffsets.Position position) {
            Optional<LedgerText> ledger = LedgerText.parse(position.note().ledger());
            table.row(
                    source.group(),
                    position.partition().topic(),
                    position.partition().partition(),
                    shown(position.committed()),
                    position.end(),
                    shown(position.lag()),
                    ledger.map(LedgerText::show).orElse("-"),
                    ledger.map(LedgerText::run).orElse("-"));
        }

        private static Object shown(java.util.OptionalLong number) {
            return number.isPresent() ? (Object) number.getAsLong() : "-";
        }

        private static Map<String, @Nullable Object> data(GroupOffsets.Position position) {
            Optional<LedgerText> ledger = LedgerText.parse(position.note().ledger());
            return Format.map(
                    "topic",
                    position.partition().topic(),
                    "partition",
                    position.partition().partition(),
                    "committed",
                    number(position.committed()),
                    "beginning",
                    position.beginning(),
                    "end",
                    position.end(),
                    "lag",
                    number(position.lag()),
                    "run",
                    ledger.map(LedgerText::run).orElse(null),
                    "totals",
                    ledger.map(LedgerText::fates).orElse(null),
                    "until",
                    position.note()
                            .backfill()
                            .filter(read -> read.end() >= 0)
                            .map(read -> (Object) read.end())
                            .orElse(null));
        }

        private static @Nullable Object number(java.util.OptionalLong number) {
            return number.isPresent() ? number.getAsLong() : null;
        }
    }

    @Command(
            name = "reset",
            description = "Set where a pipeline's Kafka source goes on; refused while it runs. Shows before and after")
    static final class Reset extends Verb {
        /** Longer than a group takes a member that has died for alive. */
        private static final Duration GROUP_PATIENCE = Duration.ofSeconds(60);

        @Mixin
        Which which = new Which();

        @Option(
                names = "--to",
                required = true,
                paramLabel = "POSITION",
                description =
                        "earliest, latest, an offset, or a time (2026-01-31T00:00:00Z, or milliseconds since 1970)")
        @Nullable
        String to;

        @Option(names = "--topic", paramLabel = "TOPIC", description = "Only this topic")
        @Nullable
        String topic;

        @Option(names = "--partition", paramLabel = "N,…", split = ",", description = "Only these partitions")
        List<Integer> partitions = List.of();

        @Option(names = "--dry-run", description = "Only show what would change")
        boolean dryRun;

        @Option(names = "--yes", description = "Do it")
        boolean yes;

        Reset(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException, InterruptedException {
            StartOffset target = target();
            KafkaSources sources = KafkaSources.of(host, Objects.requireNonNull(which.pipeline));
            KafkaSources.Source source = sources.source(Optional.ofNullable(which.component));
            refuseWhileActive(sources.pipeline());
            try (GroupOffsets offsets = new GroupOffsets(source, which.timeout)) {
                List<GroupOffsets.Position> positions = chosen(source, offsets);
                Map<TopicPartition, Long> targets = offsets.targets(positions, target);
                Table table = new Table("TOPIC", "PARTITION", "BEFORE", "AFTER");
                List<Object> changes = new ArrayList<>();
                for (GroupOffsets.Position position : positions) {
                    Long after = targets.get(position.partition());
                    Object before = position.committed().isPresent()
                            ? (Object) position.committed().getAsLong()
                            : "-";
                    table.row(position.partition().topic(), position.partition().partition(), before, "→ " + after);
                    changes.add(Format.map(
                            "topic",
                            position.partition().topic(),
                            "partition",
                            position.partition().partition(),
                            "before",
                            position.committed().isPresent()
                                    ? position.committed().getAsLong()
                                    : null,
                            "after",
                            after));
                }
                Map<String, @Nullable Object> result = Format.map(
                        "pipeline",
                        sources.pipeline(),
                        "group",
                        source.group(),
                        "applied",
                        yes && !dryRun,
                        "partitions",
                        changes);
                String text = table.render(terminal().width());
                String what = "group \"" + source.group() + "\", " + PipelineFile.count(positions.size(), "partition");
                if (dryRun) {
                    return Answer.ok("would reset " + what, result, text);
                }
                if (!yes) {
                    return Answer.failed(
                            Failure.invalid(
                                    "offsets.not_confirmed",
                                    "nothing was changed: " + what + " would be reset",
                                    "add --yes to do it"),
                            result,
                            text);
                }
                awaitEmptyGroup(sources.pipeline(), source, offsets);
                offsets.set(positions, targets);
                return Answer.ok("reset " + what, result, text);
            }
        }

        private StartOffset target() {
            try {
                return StartOffset.parse(Objects.requireNonNull(to));
            } catch (IllegalArgumentException e) {
                throw new CommandException(
                        Failure.invalid(
                                "offsets.bad_position", "--to " + e.getMessage(), "see fisoctl offsets reset --help"),
                        e);
            }
        }

        private void refuseWhileActive(String pipeline) {
            for (Run run : new KnownRuns(host).active()) {
                if (run.getPipeline().equals(pipeline)) {
                    throw new CommandException(Failure.invalid(
                            "offsets.run_active",
                            "pipeline \"" + pipeline + "\" is running: run " + run.getId() + ", " + RunText.state(run),
                            "stop it first: fisoctl pipelines stop " + pipeline));
                }
            }
        }

        private List<GroupOffsets.Position> chosen(KafkaSources.Source source, GroupOffsets offsets)
                throws InterruptedException {
            if (topic != null && !source.topics().contains(topic)) {
                throw new CommandException(Failure.invalid(
                        "offsets.no_topic",
                        "component \"" + source.component() + "\" does not read topic \"" + topic + "\"",
                        "it reads " + String.join(", ", source.topics())));
            }
            List<GroupOffsets.Position> all = offsets.positions(topic == null ? source.topics() : List.of(topic));
            List<GroupOffsets.Position> found = all.stream()
                    .filter(position -> partitions.isEmpty()
                            || partitions.contains(position.partition().partition()))
                    .toList();
            for (Integer wanted : partitions) {
                if (found.stream().noneMatch(p -> p.partition().partition() == wanted)) {
                    throw new CommandException(Failure.invalid(
                            "offsets.no_partition",
                            "there is no partition " + wanted,
                            "there are "
                                    + all.stream()
                                            .map(p -> p.partition().toString())
                                            .collect(Collectors.joining(", "))));
                }
            }
            return found;
        }

        /** Members of this pipeline that died stay in the group until their session is over; others have no business here. */
        private void awaitEmptyGroup(String pipeline, KafkaSources.Source source, GroupOffsets offsets)
                throws InterruptedException {
            String own = (pipeline + "." + source.component() + ".").replaceAll("[^a-zA-Z0-9._-]", "_");
            long deadline = System.nanoTime() + GROUP_PATIENCE.toNanos();
            boolean told = false;
            List<MemberDescription> members = offsets.members();
            while (!members.isEmpty()) {
                boolean allOwn = members.stream()
                        .allMatch(member -> member.groupInstanceId().orElse("").startsWith(own));
                if (!allOwn || System.nanoTime() - deadline > 0) {
                    throw new CommandException(Failure.environment(
                            "offsets.group_in_use",
                            "group \"" + source.group() + "\" has members: "
                                    + members.stream()
                                            .map(member -> member.groupInstanceId()
                                                            .orElse(member.clientId()) + " on " + member.host())
                                            .collect(Collectors.joining(", ")),
                            "stop them first; a position that is set under a member is lost at its next commit"));
                }
                if (!told && isText()) {
                    told = true;
                    terminal()
                            .err()
                            .println("Waiting for the group to forget a member that has died (session.timeout.ms, 45 s"
                                    + " unless set otherwise)");
                }
                Thread.sleep(500);
                members = offsets.members();
            }
        }
    }
}
