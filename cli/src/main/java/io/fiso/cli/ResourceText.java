// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.Retention;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a stream, queue or key-value store is set to. */
final class ResourceText {
    private ResourceText() {}

    /** {@code fsync}, {@code os} or {@code interval}. */
    static String durability(Resource resource) {
        return resource.getDurability().name().replace("DURABILITY_", "").toLowerCase(Locale.ROOT);
    }

    /** For people, without name and durability. */
    static String settings(Resource resource) {
        return switch (resource.getSettingsCase()) {
            case STREAM ->
                PipelineFile.count(resource.getStream().getPartitions(), "partition") + ", keeps "
                        + retention(resource.getStream().getRetention());
            case QUEUE ->
                "visibility timeout "
                        + Durations.write(WireDurations.of(resource.getQueue().getVisibilityTimeout())) + ", "
                        + PipelineFile.count(resource.getQueue().getAttemptsMax(), "attempt") + ", dead letters to "
                        + deadLetters(resource);
            case KEY_VALUE ->
                resource.getKeyValue().hasDefaultTtl()
                        ? "keys live "
                                + Durations.write(
                                        WireDurations.of(resource.getKeyValue().getDefaultTtl()))
                        : "keys live for ever";
            case SETTINGS_NOT_SET -> "";
        };
    }

    /** The broker makes the usual one when it is first needed. */
    private static String deadLetters(Resource resource) {
        String set = resource.getQueue().getDeadLetterQueue();
        return set.isEmpty() ? resource.getName().substring(resource.getName().lastIndexOf('/') + 1) + ".dlq" : set;
    }

    private static String retention(Retention retention) {
        List<String> parts = new ArrayList<>();
        if (retention.hasAgeMax()) {
            parts.add(Durations.write(WireDurations.of(retention.getAgeMax())));
        }
        if (retention.getPartitionBytesMax() > 0) {
            parts.add(retention.getPartitionBytesMax() + " bytes per partition");
        }
        if (retention.getPartitionRecordsMax() > 0) {
            parts.add(retention.getPartitionRecordsMax() + " records per partition");
        }
        if (retention.getUntilConsumed()) {
            parts.add("until every group has consumed");
        }
        return parts.isEmpty() ? "everything" : String.join(", ", parts);
    }

    /** For programs. */
    static Map<String, @Nullable Object> data(Resource resource) {
        Map<String, @Nullable Object> data = Format.map(
                "name",
                resource.getName(),
                "durability",
                durability(resource),
                "created",
                WireDurations.of(resource.getCreateTime()).toString());
        switch (resource.getSettingsCase()) {
            case STREAM -> {
                Retention retention = resource.getStream().getRetention();
                data.put("partitions", resource.getStream().getPartitions());
                data.put(
                        "retention",
                        Format.map(
                                "ageMillis",
                                retention.hasAgeMax()
                                        ? WireDurations.of(retention.getAgeMax())
                                                .toMillis()
                                        : null,
                                "partitionBytes",
                                bound(retention.getPartitionBytesMax()),
                                "partitionRecords",
                                bound(retention.getPartitionRecordsMax()),
                                "untilConsumed",
                                retention.getUntilConsumed()));
            }
            case QUEUE -> {
                data.put(
                        "visibilityTimeoutMillis",
                        WireDurations.of(resource.getQueue().getVisibilityTimeout())
                                .toMillis());
                data.put("maxAttempts", resource.getQueue().getAttemptsMax());
                data.put("deadLetterQueue", deadLetters(resource));
            }
            case KEY_VALUE ->
                data.put(
                        "defaultTtlMillis",
                        resource.getKeyValue().hasDefaultTtl()
                                ? WireDurations.of(resource.getKeyValue().getDefaultTtl())
                                        .toMillis()
                                : null);
            case SETTINGS_NOT_SET -> {
                // Of a kind that this fisoctl does not know.
            }
        }
        return data;
    }

    private static @Nullable Object bound(long value) {
        return value == 0 ? null : value;
    }
}
