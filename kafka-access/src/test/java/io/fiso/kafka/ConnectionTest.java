// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
    private static final Tls PLAIN_TLS = new Tls(null, null, null, null, null);
    private static final Sasl SCRAM = new Sasl(Sasl.Mechanism.SCRAM_SHA_512, "orders", "pass\"word\\");

    @TempDir
    Path directory;

    @Test
    void takesBrokersAsListOrText() {
        assertThat(Connection.addresses(" a:1, b:2,")).containsExactly("a:1", "b:2");
        assertThat(Connection.addresses(List.of("a:1", "b:2"))).containsExactly("a:1", "b:2");
        assertThatThrownBy(() -> Connection.of(" , ", null, null, Map.of(), Set.of()))
                .hasMessageContaining("brokers is empty");
    }

    @Test
    void derivesTheProtocol() {
        assertThat(protocol(null, null)).isNull();
        assertThat(protocol(PLAIN_TLS, null)).isEqualTo("SSL");
        assertThat(protocol(null, SCRAM)).isEqualTo("SASL_PLAINTEXT");
        assertThat(protocol(PLAIN_TLS, SCRAM)).isEqualTo("SASL_SSL");
    }

    @Test
    void quotesTheCredentials() {
        Map<String, Object> client = new Connection(List.of("a:1"), null, SCRAM, Map.of()).clientProperties();
        assertThat(client)
                .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry(
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"orders\" password=\"pass\\\"word\\\\\";");
    }

    @Test
    void showsNoSecrets() {
        assertThat(new Connection(List.of("a:1"), null, SCRAM, Map.of("ssl.key.password2", "x")))
                .hasToString("a:1");
        assertThat(SCRAM.toString()).doesNotContain("word");
    }

    @Test
    void refusesHalfSettings() throws Exception {
        assertThatThrownBy(() -> new Sasl(Sasl.Mechanism.PLAIN, "orders", null)).hasMessageContaining("password");
        assertThatThrownBy(() -> new Sasl(null, "orders", "x")).hasMessageContaining("scram-sha-256");
        assertThatThrownBy(() -> new Tls(null, Path.of("client.pem"), null, null, null))
                .hasMessageContaining("\"key\" is missing");
        assertThatThrownBy(() -> new Connection(List.of("a:1"), null, SCRAM, Map.of("sasl.mechanism", "PLAIN")))
                .hasMessageContaining("keep one of the two ways");
        Path missing = directory.resolve("ca.pem");
        assertThatThrownBy(() -> connected(missing)).hasMessageContaining("there is no file " + missing);
        Path der = Files.write(directory.resolve("ca.der"), new byte[] {0x30, 0x01});
        assertThatThrownBy(() -> connected(der)).hasMessageContaining("not in PEM");
    }

    private static void connected(Path ca) {
        new Connection(List.of("a:1"), new Tls(ca, null, null, null, null), null, Map.of()).clientProperties();
    }

    private static Object protocol(Tls tls, Sasl sasl) {
        return new Connection(List.of("a:1"), tls, sasl, Map.of())
                .clientProperties()
                .get("security.protocol");
    }
}
