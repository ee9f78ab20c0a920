// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the client says who it is.
 *
 * @param mechanism how the password is proven
 * @param username who
 * @param password the password
 */
public record Sasl(
        @Nullable Mechanism mechanism,
        @Nullable String username,
        @Nullable String password) {
    /** How the password is proven. */
    public enum Mechanism {
        /** It is sent as it is; use it over TLS. */
        PLAIN("PLAIN", "plain.PlainLoginModule"),
        /** Salted challenge and response with SHA-256. */
        SCRAM_SHA_256("SCRAM-SHA-256", "scram.ScramLoginModule"),
        /** Salted challenge and response with SHA-512. */
        SCRAM_SHA_512("SCRAM-SHA-512", "scram.ScramLoginModule");

        private final String kafkaName;
        private final String module;

        Mechanism(String kafkaName, String module) {
            this.kafkaName = kafkaName;
            this.module = module;
        }
    }

    public Sasl {
        if (mechanism == null) {
            throw new IllegalArgumentException(
                    "sasl: mechanism is missing; it is one of plain, scram-sha-256, scram-sha-512");
        }
        if (username == null || username.isEmpty()) {
            throw new IllegalArgumentException("sasl: username is missing");
        }
        if (password == null || password.isEmpty()) {
            throw new IllegalArgumentException(
                    "sasl: password is missing or empty; write it as {secretRef: {env: NAME}} or {secretRef: {file: PATH}}");
        }
    }

    void addTo(Map<String, Object> properties) {
        Mechanism chosen = java.util.Objects.requireNonNull(mechanism);
        properties.put("sasl.mechanism", chosen.kafkaName);
        properties.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + chosen.module + " required username=" + quoted(username)
                        + " password=" + quoted(password) + ";");
    }

    private static String quoted(@Nullable String text) {
        return '"' + String.valueOf(text).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Sasl[" + mechanism + ", " + username + "]";
    }
}
