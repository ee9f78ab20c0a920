// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.Connection;
import io.fiso.kafka.Sasl;
import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Tls;
import io.fiso.kafka.Until;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The source's config.
 *
 * @param brokers brokers to start from, as a list or separated by commas
 * @param topic the topic to read
 * @param topics the topics to read, instead of topic
 * @param consumerGroup the consumer group; fiso-flow-(pipeline) without it
 * @param startOffset where a group begins that has committed nothing yet
 * @param until where the source ends; it goes on for ever without it
 * @param eventType the type of events made from plain records
 * @param revokeTimeout how long what is in flight may take to settle before a partition goes to another member
 * @param tls how the connection is encrypted
 * @param sasl how the client says who it is
 * @param properties further client properties
 */
record KafkaSourceConfig(
        @Nullable Object brokers,
        @Nullable String topic,
        List<String> topics,
        @Nullable String consumerGroup,
        @Nullable Object startOffset,
        @Nullable Object until,
        @Nullable String eventType,
        @Nullable Duration revokeTimeout,
        @Nullable Tls tls,
        @Nullable Sasl sasl,
        Map<String, Object> properties) {
    private static final Duration REVOKE_TIMEOUT = Duration.ofSeconds(20);
    /** The consumer's own default; a handover must be through by then. */
    private static final long POLL_INTERVAL_MILLIS = 300_000;

    /** What the guarantees rest on. */
    private static final Set<String> OWN_PROPERTIES = Set.of(
            "bootstrap.servers",
            "group.id",
            "group.instance.id",
            "group.protocol",
            "enable.auto.commit",
            "auto.offset.reset",
            "partition.assignment.strategy",
            "key.deserializer",
            "value.deserializer",
            "key.serializer",
            "value.serializer",
            "acks",
            "enable.idempotence");

    KafkaSourceConfig {
        topics = topics == null ? List.of() : List.copyOf(topics);
        properties = properties == null ? Map.of() : Map.copyOf(properties);
        Connection.of(brokers, tls, sasl, properties, OWN_PROPERTIES);
        if (topic == null && topics.isEmpty()) {
            throw new IllegalArgumentException("topic is missing; name the topic to read");
        }
        if (topic != null && !topics.isEmpty()) {
            throw new IllegalArgumentException("topic and topics exclude each other; keep one");
        }
        eventType = eventType == null ? "fiso.event" : eventType;
        revokeTimeout = revokeTimeout == null ? REVOKE_TIMEOUT : revokeTimeout;
        long limit = pollIntervalMillis(properties);
        if (revokeTimeout.isNegative() || revokeTimeout.toMillis() >= limit) {
            throw new IllegalArgumentException("revokeTimeout is " + revokeTimeout.toMillis()
                    + " ms; it must be below max.poll.interval.ms (" + limit
                    + " ms), after which the group takes a member for dead");
        }
        try {
            start(startOffset);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("startOffset " + e.getMessage(), e);
        }
        bound(until);
    }

    @Override
    public String eventType() {
        return Objects.requireNonNull(eventType);
    }

    @Override
    public Duration revokeTimeout() {
        return Objects.requireNonNull(revokeTimeout);
    }

    Connection connection() {
        return Connection.of(brokers, tls, sasl, properties, OWN_PROPERTIES);
    }

    List<String> brokerAddresses() {
        return connection().brokers();
    }

    List<String> allTopics() {
        return topic == null ? topics : List.of(topic);
    }

    StartOffset start() {
        return start(startOffset);
    }

    /** Where the source ends, if it does. */
    Optional<Until> bound() {
        return bound(until);
    }

    String group(String pipeline) {
        return consumerGroup == null ? "fiso-flow-" + pipeline : consumerGroup;
    }

    private static StartOffset start(@Nullable Object written) {
        return written == null ? new StartOffset.Latest() : StartOffset.parse(written.toString());
    }

    private static Optional<Until> bound(@Nullable Object written) {
        return written == null ? Optional.empty() : Optional.of(Until.parse(written.toString()));
    }

    private static long pollIntervalMillis(Map<String, Object> properties) {
        Object written = properties.get("max.poll.interval.ms");
        try {
            return written == null ? POLL_INTERVAL_MILLIS : Long.parseLong(written.toString());
        } catch (NumberFormatException _) {
            return POLL_INTERVAL_MILLIS; // The client says what is wrong with it.
        }
    }
}
