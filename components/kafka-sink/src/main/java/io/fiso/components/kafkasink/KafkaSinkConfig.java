// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param brokers brokers to start from, as a list or separated by commas
 * @param topic the topic to write to
 * @param mode how an event becomes a record
 * @param properties further client properties
 */
record KafkaSinkConfig(
        Object brokers, String topic, @Nullable Mode mode, Map<String, Object> properties) {
    private static final Set<String> OWN_PROPERTIES = Set.of(
            "bootstrap.servers",
            "key.serializer",
            "value.serializer",
            "acks",
            "enable.idempotence",
            "max.in.flight.requests.per.connection",
            "transactional.id",
            "delivery.timeout.ms",
            "max.block.ms");

    /** How an event becomes a record. */
    enum Mode {
        /** The payload as value, the attributes as headers. */
        BINARY,
        /** The whole event as value. */
        STRUCTURED
    }

    KafkaSinkConfig {
        properties = properties == null ? Map.of() : Map.copyOf(properties);
        if (brokers == null || addresses(brokers).isEmpty()) {
            throw new IllegalArgumentException("brokers is empty; name at least one, such as localhost:9092");
        }
        if (topic == null || topic.isBlank()) {
            throw new IllegalArgumentException("topic is missing; name the topic to write to");
        }
        for (String name : properties.keySet()) {
            if (OWN_PROPERTIES.contains(name)) {
                throw new IllegalArgumentException(
                        "properties: \"" + name + "\" belongs to the sink and cannot be set; remove it");
            }
        }
        mode = mode == null ? Mode.BINARY : mode;
    }

    @Override
    public Mode mode() {
        return Objects.requireNonNull(mode);
    }

    List<String> brokerAddresses() {
        return addresses(brokers);
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
