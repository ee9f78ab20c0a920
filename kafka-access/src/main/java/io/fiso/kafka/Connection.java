// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a cluster.
 *
 * @param brokers host:port of brokers to start from
 * @param tls how the connection is encrypted; not at all without it
 * @param sasl how the client says who it is; not at all without it
 * @param properties further properties of the Kafka client
 */
public record Connection(
        List<String> brokers, @Nullable Tls tls, @Nullable Sasl sasl, Map<String, Object> properties) {
    public Connection {
        brokers = List.copyOf(brokers);
        properties = Map.copyOf(properties);
        if (brokers.isEmpty()) {
            throw new IllegalArgumentException("brokers is empty; name at least one, such as localhost:9092");
        }
        if (tls != null || sasl != null) {
            for (String name : properties.keySet()) {
                boolean taken = name.equals("security.protocol")
                        || sasl != null && name.startsWith("sasl.")
                        || tls != null && name.startsWith("ssl.");
                if (taken) {
                    throw new IllegalArgumentException(
                            "properties: \"" + name + "\" is set by tls and sasl as well; keep one of the two ways");
                }
            }
        }
    }

    /**
     * As it stands in a config file.
     *
     * @param brokers a list, or text with commas
     * @param own properties that belong to the component
     */
    public static Connection of(
            @Nullable Object brokers,
            @Nullable Tls tls,
            @Nullable Sasl sasl,
            @Nullable Map<String, Object> properties,
            Set<String> own) {
        Map<String, Object> given = properties == null ? Map.of() : properties;
        for (String name : given.keySet()) {
            if (own.contains(name)) {
                throw new IllegalArgumentException(
                        "properties: \"" + name + "\" belongs to the component and cannot be set; remove it");
            }
        }
        return new Connection(brokers == null ? List.of() : addresses(brokers), tls, sasl, given);
    }

    /** Addresses as a list, or separated by commas. */
    public static List<String> addresses(Object brokers) {
        List<?> written = brokers instanceof List<?> list
                ? list
                : Arrays.asList(brokers.toString().split(",", -1));
        return written.stream()
                .map(address -> address.toString().strip())
                .filter(address -> !address.isEmpty())
                .toList();
    }

    /** What every client needs, the user's own properties first. Reads the certificates; the caller may add to it. */
    public Map<String, Object> clientProperties() {
        Map<String, Object> client = new HashMap<>(properties);
        client.put("bootstrap.servers", String.join(",", brokers));
        if (tls != null) {
            tls.addTo(client);
        }
        if (sasl != null) {
            sasl.addTo(client);
        }
        if (tls != null || sasl != null) {
            String transport = tls == null ? "PLAINTEXT" : "SSL";
            client.put("security.protocol", sasl == null ? transport : "SASL_" + transport);
        }
        return client;
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return String.join(",", brokers);
    }
}
