// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.cli.output.Table;
import io.fiso.proto.broker.v1.Job;
import io.fiso.proto.broker.v1.JobContent;
import io.fiso.proto.broker.v1.JobHeader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs of a queue. */
final class JobText {
    private JobText() {}

    static String state(Job job) {
        return job.getState().name().replace("JOB_STATE_", "").toLowerCase(Locale.ROOT);
    }

    /** A row each. */
    static Table table(List<Job> jobs) {
        Table table = new Table("JOB", "STATE", "PRIORITY", "ATTEMPTS", "ADDED", "VISIBLE", "BYTES", "REASON");
        jobs.forEach(job -> table.row(
                Long.toUnsignedString(job.getId()),
                state(job),
                job.getPriority(),
                job.getAttempts(),
                WireDurations.of(job.getEnqueueTime()),
                WireDurations.of(job.getVisibleTime()),
                job.getPayloadSize(),
                oneLine(job.hasOrigin() ? job.getOrigin().getReason() : job.getReason())));
        return table;
    }

    /** A line about it, where it came from, its headers, and what it carries. */
    static String text(Job job, JobContent content, Style style) {
        StringBuilder about = new StringBuilder(
                "job " + Long.toUnsignedString(job.getId()) + "  " + state(job) + "  priority " + job.getPriority()
                        + "  attempts " + job.getAttempts() + "  added " + WireDurations.of(job.getEnqueueTime()));
        if (content.hasKey()) {
            about.append("  key=").append(ByteText.line(content.getKey()));
        }
        if (!job.getReason().isEmpty()) {
            about.append("\n  given back: ").append(oneLine(job.getReason()));
        }
        if (job.hasOrigin()) {
            about.append("\n  from ")
                    .append(BrokerNames.brief(job.getOrigin().getQueue()))
                    .append(", job ")
                    .append(Long.toUnsignedString(job.getOrigin().getJob()))
                    .append(", given up ")
                    .append(WireDurations.of(job.getOrigin().getDeadTime()))
                    .append(" after ")
                    .append(PipelineFile.count(job.getOrigin().getAttempts(), "attempt"))
                    .append(": ")
                    .append(oneLine(job.getOrigin().getReason()));
        }
        for (JobHeader header : content.getHeadersList()) {
            about.append("\n  ").append(header.getName()).append(": ").append(ByteText.line(header.getValue()));
        }
        return style.dim(about.toString()) + "\n" + ByteText.show(content.getPayload());
    }

    private static String oneLine(String text) {
        return ByteText.line(com.google.protobuf.ByteString.copyFromUtf8(text));
    }

    /** For programs, without what it carries. */
    static Map<String, @Nullable Object> data(Job job) {
        return Format.map(
                "job",
                Long.toUnsignedString(job.getId()),
                "state",
                state(job),
                "priority",
                job.getPriority(),
                "attempts",
                job.getAttempts(),
                "added",
                WireDurations.of(job.getEnqueueTime()).toString(),
                "visible",
                WireDurations.of(job.getVisibleTime()).toString(),
                "reason",
                job.getReason(),
                "payloadBytes",
                job.getPayloadSize(),
                "origin",
                !job.hasOrigin()
                        ? null
                        : Format.map(
                                "queue",
                                job.getOrigin().getQueue(),
                                "job",
                                Long.toUnsignedString(job.getOrigin().getJob()),
                                "attempts",
                                job.getOrigin().getAttempts(),
                                "added",
                                WireDurations.of(job.getOrigin().getEnqueueTime())
                                        .toString(),
                                "givenUp",
                                WireDurations.of(job.getOrigin().getDeadTime()).toString(),
                                "reason",
                                job.getOrigin().getReason()));
    }

    /** For programs, with what it carries. */
    static Map<String, @Nullable Object> data(Job job, JobContent content) {
        Map<String, @Nullable Object> data = data(job);
        if (content.hasKey()) {
            ByteText.put(data, "key", content.getKey());
        } else {
            data.put("key", null);
        }
        data.put(
                "headers",
                content.getHeadersList().stream()
                        .map(header -> {
                            Map<String, @Nullable Object> one = new LinkedHashMap<>();
                            one.put("name", header.getName());
                            ByteText.put(one, "value", header.getValue());
                            return one;
                        })
                        .toList());
        ByteText.put(data, "payload", content.getPayload());
        return data;
    }
}
