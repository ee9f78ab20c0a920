// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
 * @param eventType the type of events made from plain records
 * @param properties further client properties
 */
record KafkaSourceConfig(
        Object brokers,
        @Nullable String topic,
        List<String> topics,
        @Nullable String consumerGroup,
        @Nullable Object startOffset,
        @Nullable String eventType,
        Map<String, Object> properties) {
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
        if (brokers == null || addresses(brokers).isEmpty()) {
            throw new IllegalArgumentException("brokers is empty; name at least one, such as localhost:9092");
        }
        if (topic == null && topics.isEmpty()) {
            throw new IllegalArgumentException("topic is missing; name the topic to read");
        }
        if (topic != null && !topics.isEmpty()) {
            throw new IllegalArgumentException("topic and topics exclude each other; keep one");
        }
        for (String name : properties.keySet()) {
            if (OWN_PROPERTIES.contains(name)) {
                throw new IllegalArgumentException(
                        "properties: \"" + name + "\" belongs to the source and cannot be set; remove it");
            }
        }
        eventType = eventType == null ? "fiso.event" : eventType;
        start(startOffset);
    }

    @Override
    public String eventType() {
        return java.util.Objects.requireNonNull(eventType);
    }

    List<String> brokerAddresses() {
        return addresses(brokers);
    }

    List<String> allTopics() {
        return topic == null ? topics : List.of(topic);
    }

    StartOffset start() {
        return start(startOffset);
    }

    String group(String pipeline) {
        return consumerGroup == null ? "fiso-flow-" + pipeline : consumerGroup;
    }

    private static StartOffset start(@Nullable Object written) {
        return written == null ? new StartOffset.Latest() : StartOffset.parse(written.toString());
    }

    private static List<String> addresses(Object brokers) {
        List<?> written = brokers instanceof List<?> list
                ? list
                : Arrays.asList(brokers.toString().split(",", -1));
        return written.stream()
                .map(address -> address.toString().strip())
                .filter(address -> !address.isEmpty())
                .toList();
    }
}
