// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import io.fiso.kafka.Connection;
import io.fiso.kafka.Sasl;
import io.fiso.kafka.Tls;
import io.fiso.sdk.message.EventWriter.Mode;
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
 * @param tls how the connection is encrypted
 * @param sasl how the client says who it is
 * @param properties further client properties
 */
record KafkaSinkConfig(
        @Nullable Object brokers,
        String topic,
        @Nullable Mode mode,
        @Nullable Tls tls,
        @Nullable Sasl sasl,
        Map<String, Object> properties) {
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

    KafkaSinkConfig {
        properties = properties == null ? Map.of() : Map.copyOf(properties);
        Connection.of(brokers, tls, sasl, properties, OWN_PROPERTIES);
        if (topic == null || topic.isBlank()) {
            throw new IllegalArgumentException("topic is missing; name the topic to write to");
        }
        mode = mode == null ? Mode.BINARY : mode;
    }

    @Override
    public Mode mode() {
        return Objects.requireNonNull(mode);
    }

    Connection connection() {
        return Connection.of(brokers, tls, sasl, properties, OWN_PROPERTIES);
    }
}
