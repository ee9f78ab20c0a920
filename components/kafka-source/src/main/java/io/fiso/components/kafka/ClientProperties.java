// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.ComponentContext;
import java.util.Map;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The settings of the source's Kafka clients. */
final class ClientProperties {
    private final KafkaSourceConfig config;
    private final ComponentContext context;

    ClientProperties(KafkaSourceConfig config, ComponentContext context) {
        this.config = config;
        this.context = context;
    }

    Map<String, Object> admin() {
        Map<String, Object> properties = common("admin");
        properties.put("request.timeout.ms", 5_000);
        properties.put("default.api.timeout.ms", 5_000);
        return properties;
    }

    Map<String, Object> consumer() {
        Map<String, Object> properties = common("consumer");
        // Defaults that the user may change.
        properties.putIfAbsent("isolation.level", "read_committed");
        properties.putIfAbsent("max.poll.records", 1_000);
        properties.putIfAbsent("fetch.max.bytes", 8 * 1024 * 1024);
        // New partitions are seen within this time.
        properties.putIfAbsent("metadata.max.age.ms", 30_000);
        properties.put("group.id", config.group(context.pipeline()));
        // A killed member is fenced by its successor at once, which gets the same partitions without a rebalance.
        properties.put("group.instance.id", instance());
        properties.put("group.protocol", "classic");
        properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "none");
        properties.put("allow.auto.create.topics", false);
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return properties;
    }

    /** Which records the consumer sees, and so where a partition ends for it. */
    IsolationLevel isolation() {
        return "read_uncommitted".equals(consumer().get("isolation.level"))
                ? IsolationLevel.READ_UNCOMMITTED
                : IsolationLevel.READ_COMMITTED;
    }

    Map<String, Object> deadLetterProducer() {
        Map<String, Object> properties = common("dead-letters");
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        // One request at a time: the topic may be fresh, and a leader that is not ready for the first must not leave
        // the second out of sequence.
        properties.put("max.in.flight.requests.per.connection", 1);
        properties.put("max.block.ms", 10_000);
        properties.put("request.timeout.ms", 10_000);
        properties.put("delivery.timeout.ms", 20_000);
        properties.put("max.request.size", 16 * 1024 * 1024);
        properties.put("linger.ms", 0);
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        return properties;
    }

    private Map<String, Object> common(String role) {
        Map<String, Object> properties = config.connection().clientProperties();
        properties.putIfAbsent("client.id", instance() + "-" + role);
        return properties;
    }

    /** Pipeline, component and replica, in the letters that Kafka allows. */
    private String instance() {
        return (context.pipeline() + "." + context.component() + "." + context.replica())
                .replaceAll("[^a-zA-Z0-9._-]", "_");
    }
}
