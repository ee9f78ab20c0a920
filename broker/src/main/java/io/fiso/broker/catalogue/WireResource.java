// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Durability;
import io.fiso.proto.broker.v1.KeyValueSettings;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.StreamSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** A resource as it travels and is kept. */
public final class WireResource {
    private WireResource() {}

    public static io.fiso.proto.broker.v1.Resource of(Resource resource) {
        io.fiso.proto.broker.v1.Resource.Builder wire = io.fiso.proto.broker.v1.Resource.newBuilder()
                .setName(resource.name().toString())
                .setDurability(
                        switch (resource.durability()) {
                            case FSYNC -> io.fiso.proto.broker.v1.Durability.DURABILITY_FSYNC;
                            case OS -> io.fiso.proto.broker.v1.Durability.DURABILITY_OS;
                            case INTERVAL -> io.fiso.proto.broker.v1.Durability.DURABILITY_INTERVAL;
                        })
                .setCreateTime(com.google.protobuf.Timestamp.newBuilder()
                        .setSeconds(resource.created().getEpochSecond())
                        .setNanos(resource.created().getNano()));
        switch (resource.settings()) {
            case Settings.Stream stream -> wire.setStream(of(stream));
            case Settings.Queue queue -> wire.setQueue(of(queue));
            case Settings.KeyValue keyValue -> wire.setKeyValue(of(keyValue));
        }
        return wire.build();
    }

    private static StreamSettings of(Settings.Stream stream) {
        Settings.Retention kept = stream.retention();
        io.fiso.proto.broker.v1.Retention.Builder retention = io.fiso.proto.broker.v1.Retention.newBuilder()
                .setPartitionBytesMax(kept.partitionBytesMax().orElse(0))
                .setPartitionRecordsMax(kept.partitionRecordsMax().orElse(0))
                .setUntilConsumed(kept.untilConsumed());
        kept.ageMax().ifPresent(age -> retention.setAgeMax(of(age)));
        return StreamSettings.newBuilder()
                .setPartitions(stream.partitions())
                .setRetention(retention)
                .build();
    }

    private static QueueSettings of(Settings.Queue queue) {
        return QueueSettings.newBuilder()
                .setVisibilityTimeout(of(queue.visibilityTimeout()))
                .setAttemptsMax(queue.attemptsMax())
                .setDeadLetterQueue(queue.deadLetterQueue().orElse(""))
                .build();
    }

    private static KeyValueSettings of(Settings.KeyValue keyValue) {
        KeyValueSettings.Builder wire = KeyValueSettings.newBuilder();
        keyValue.defaultTtl().ifPresent(ttl -> wire.setDefaultTtl(of(ttl)));
        return wire.build();
    }

    private static com.google.protobuf.Duration of(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    static Resource stored(long id, io.fiso.proto.broker.v1.Resource wire) {
        return new Resource(
                id,
                ResourceName.parse(wire.getName()),
                durability(wire.getDurability()),
                settings(wire),
                Instant.ofEpochSecond(
                        wire.getCreateTime().getSeconds(), wire.getCreateTime().getNanos()));
    }

    /** What a caller asked for; not set is {@link Durability#FSYNC}. */
    public static Durability durability(io.fiso.proto.broker.v1.Durability wire) {
        return switch (wire) {
            case DURABILITY_UNSPECIFIED, DURABILITY_FSYNC -> Durability.FSYNC;
            case DURABILITY_OS -> Durability.OS;
            case DURABILITY_INTERVAL -> Durability.INTERVAL;
            case UNRECOGNIZED ->
                throw new BrokerException(
                        Kind.INVALID,
                        "broker.setting_invalid",
                        "durability is none that this broker knows; it can be FSYNC, OS or INTERVAL");
        };
    }

    /** What a caller asked for, with defaults filled in; of the kind that is set, else of the name's. */
    public static Settings settings(io.fiso.proto.broker.v1.Resource wire) {
        return switch (wire.getSettingsCase()) {
            case STREAM -> stream(wire.getStream());
            case QUEUE -> queue(wire.getQueue());
            case KEY_VALUE -> keyValue(wire.getKeyValue());
            case SETTINGS_NOT_SET ->
                Settings.of(ResourceName.parse(wire.getName()).kind());
        };
    }

    private static Settings.Stream stream(StreamSettings wire) {
        io.fiso.proto.broker.v1.Retention kept = wire.getRetention();
        return new Settings.Stream(
                wire.getPartitions() == 0 ? 1 : wire.getPartitions(),
                new Settings.Retention(
                        kept.hasAgeMax() ? Optional.of(duration(kept.getAgeMax())) : Optional.empty(),
                        bound(kept.getPartitionBytesMax()),
                        bound(kept.getPartitionRecordsMax()),
                        kept.getUntilConsumed()));
    }

    private static OptionalLong bound(long wire) {
        return wire == 0 ? OptionalLong.empty() : OptionalLong.of(wire < 0 ? Long.MAX_VALUE : wire);
    }

    private static Settings.Queue queue(QueueSettings wire) {
        return new Settings.Queue(
                wire.hasVisibilityTimeout() ? duration(wire.getVisibilityTimeout()) : Settings.Queue.VISIBILITY_TIMEOUT,
                wire.getAttemptsMax() == 0 ? Settings.Queue.ATTEMPTS_MAX : wire.getAttemptsMax(),
                Optional.of(wire.getDeadLetterQueue()).filter(name -> !name.isEmpty()));
    }

    private static Settings.KeyValue keyValue(KeyValueSettings wire) {
        return new Settings.KeyValue(
                wire.hasDefaultTtl() ? Optional.of(duration(wire.getDefaultTtl())) : Optional.empty());
    }

    private static Duration duration(com.google.protobuf.Duration wire) {
        try {
            return Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
        } catch (ArithmeticException e) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.time_invalid",
                    "a time in the request is beyond all bounds: " + e.getMessage(),
                    e);
        }
    }
}
