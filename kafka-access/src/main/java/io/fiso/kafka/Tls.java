// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the connection to the brokers is encrypted. Files are in PEM; without any, the certificates that the JVM trusts count.
 *
 * @param ca the certificates that the brokers' are checked against
 * @param certificate the client's own certificate chain, for brokers that ask for one
 * @param key its private key (PKCS #8)
 * @param keyPassword what the private key is encrypted with
 * @param verifyHostname whether a broker's certificate must name the host that was connected to; true unless said otherwise
 */
public record Tls(
        @Nullable Path ca,
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable String keyPassword,
        @Nullable Boolean verifyHostname) {
    public Tls {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("tls: certificate and key go together; \""
                    + (certificate == null ? "certificate" : "key") + "\" is missing");
        }
        if (keyPassword != null && key == null) {
            throw new IllegalArgumentException("tls: keyPassword is set, and there is no key it could open");
        }
    }

    void addTo(Map<String, Object> properties) {
        if (ca != null) {
            properties.put("ssl.truststore.type", "PEM");
            properties.put("ssl.truststore.certificates", read("ca", ca));
        }
        if (certificate != null && key != null) {
            properties.put("ssl.keystore.type", "PEM");
            properties.put("ssl.keystore.certificate.chain", read("certificate", certificate));
            properties.put("ssl.keystore.key", read("key", key));
        }
        if (keyPassword != null) {
            properties.put("ssl.key.password", keyPassword);
        }
        if (verifyHostname != null && !verifyHostname) {
            properties.put("ssl.endpoint.identification.algorithm", "");
        }
    }

    private static String read(String name, Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            if (!text.contains("-----BEGIN ")) {
                throw new IllegalArgumentException(
                        "tls." + name + ": " + file
                                + " is not in PEM format (no \"-----BEGIN\" in it); convert it, or name a keystore of another kind in properties");
            }
            return text;
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("tls." + name + ": there is no file " + file, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("tls." + name + ": " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
